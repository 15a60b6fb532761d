"""Every address of the portal. The architecture tests walk this list and fail for a view without a guard."""

from allauth.account import views as account
from django.urls import include, path

urlpatterns = [
    path("", include("pepportal.pages.urls")),
    path("rules/", include("pepportal.pages.rules_urls")),
    path("", include("children.urls")),
    path("", include("peps.urls")),
    path("", include("meetings.urls")),
    path("", include("targets.urls")),
    path("", include("funding.urls")),
    path("", include("qa.urls")),
    path("", include("pepportal.notify.urls")),
    path("", include("pepportal.jobs.urls")),
    path("", include("pepportal.ui.urls")),
    path("demonstration/", include("pepportal.demo.urls")),
    # Only what the portal offers of allauth: no sign-up, no address book.
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/signup/", account.signup, name="account_signup"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/reset/", account.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "accounts/password/reset/key/<str:uidb36>-<str:key>/",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

handler400 = "pepportal.pages.errors.bad_request"
handler403 = "pepportal.pages.errors.not_allowed"
handler404 = "pepportal.pages.errors.not_found"
handler500 = "pepportal.pages.errors.server_error"
