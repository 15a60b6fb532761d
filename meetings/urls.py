from django.urls import path

from meetings import views

app_name = "meetings"
urlpatterns = [
    path("peps/<uuid:pep_id>/meeting/", views.panel, name="panel"),
    path("peps/<uuid:pep_id>/meeting/arrange/", views.arrange, name="arrange"),
    path("peps/<uuid:pep_id>/other-meetings/", views.others, name="others"),
    path("peps/<uuid:pep_id>/other-meetings/add/", views.add_other, name="add-other"),
    path("other-meetings/<uuid:other_meeting_id>/", views.change_other, name="change-other"),
    path("meetings/", views.meetings, name="meetings"),
    path("meetings/<uuid:meeting_id>/", views.meeting, name="meeting"),
    path("meetings/<uuid:meeting_id>/move/", views.move, name="move"),
    path("meetings/<uuid:meeting_id>/cancel/", views.cancel, name="cancel"),
    path("meetings/<uuid:meeting_id>/invite/", views.invite, name="invite"),
    path("meetings/<uuid:meeting_id>/invitations/<uuid:invitation_id>/remove/", views.uninvite, name="uninvite"),
    path("meetings/<uuid:meeting_id>/record/", views.record, name="record"),
]
