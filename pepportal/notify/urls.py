from django.urls import path

from pepportal.notify import away_views, mailbox_views, sent_views, views

app_name = "notify"
urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="read-all"),
    path("notices/settings/", views.settings, name="settings"),
    path("notices/sent/", sent_views.sent, name="sent"),
    path("notices/undelivered/", sent_views.undelivered, name="undelivered"),
    path("notices/undelivered/<uuid:notice_id>/again/", sent_views.again, name="again"),
    path("notices/undelivered/<uuid:notice_id>/told/", sent_views.told, name="told"),
    path("notices/<uuid:notice_id>/", views.notice, name="notice"),
    path("me/away/", away_views.away, name="away"),
    path("me/away/<uuid:absence_id>/end/", away_views.end, name="end-absence"),
    path("demonstration/mailbox/", mailbox_views.mailbox, name="mailbox"),
    path("demonstration/mailbox/<int:message_id>/", mailbox_views.message, name="mailbox-message"),
]
