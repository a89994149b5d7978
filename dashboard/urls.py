from django.urls import path

from dashboard.call import manage, removals
from dashboard.call import views as call
from dashboard.library import views as home

urlpatterns = [
    path("", home.home, name="home"),
    path("rows/", home.rows, name="rows"),
    path("calls/<slug:code>/", call.call, name="call"),
    path("calls/<slug:code>/lines/", call.lines, name="lines"),
    path("calls/<slug:code>/player/", call.player, name="player"),
    path("calls/<slug:code>/title/", manage.title, name="title"),
    path("calls/<slug:code>/settings/", manage.settings, name="settings"),
    path("calls/<slug:code>/delete/", manage.delete, name="delete"),
    path("calls/<slug:code>/retry/<int:job>/", call.retry, name="retry"),
    path("calls/<slug:code>/removals/", removals.removals, name="removals"),
    path(
        "calls/<slug:code>/removals/<int:pk>/restore/", removals.restore, name="restore"
    ),
    path("calls/<slug:code>/removals/<int:pk>/keep/", removals.keep, name="keep"),
    path("calls/<slug:code>/lines/<int:pk>/bag/", removals.bag, name="bag"),
]
