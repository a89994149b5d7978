from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from config.accounts import password_changed, sign_in_link
from config.health import views as health
from config.health.metrics import metrics

# The admin signs in where everybody does, behind the same rate limit.
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Pages name their icon; for what is no page, browsers ask here.
icon = RedirectView.as_view(url=lazy(static, str)("site/earshot.svg"))

urlpatterns = [
    path("favicon.ico", icon),
    path("livez", health.livez),
    path("readyz", health.readyz),
    path("metrics", metrics),
    path("signin/<str:uid>/<str:token>/", sign_in_link, name="sign_in_link"),
    path("accounts/password/changed/", password_changed, name="password_changed"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("", include("meetings.urls")),
    path("", include("dashboard.urls")),
]
