from django.urls import path

from funding import views

app_name = "funding"
urlpatterns = [
    path("peps/<uuid:pep_id>/money/", views.panel, name="panel"),
    path("peps/<uuid:pep_id>/money/ask/", views.ask, name="ask"),
    path("peps/<uuid:pep_id>/money/<uuid:request_id>/", views.change, name="change"),
    path("peps/<uuid:pep_id>/money/<uuid:request_id>/withdraw/", views.withdraw, name="withdraw"),
    path("peps/<uuid:pep_id>/money/<uuid:request_id>/decide/", views.decide, name="decide"),
    path("funding/", views.ledger, name="list"),
    path("funding/scheme/<uuid:authority_id>/", views.scheme, name="scheme"),
]
