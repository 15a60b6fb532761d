from django.urls import path

from pepportal.notify import mailbox_views, views

app_name = "notify"
urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/<uuid:notice_id>/", views.notice, name="notice"),
    path("demonstration/mailbox/", mailbox_views.mailbox, name="mailbox"),
    path("demonstration/mailbox/<int:message_id>/", mailbox_views.message, name="mailbox-message"),
]
