from django.urls import include, path

from meetings.imports import queue_views as queue
from meetings.imports import upload_views as uploads
from meetings.imports import views as imports
from meetings.recordings import kept_views as kept
from meetings.recordings import people_views as people
from meetings.recordings import views as files
from meetings.rooms import host_views as host
from meetings.rooms import views as room
from meetings.rooms import waiting_views as waiting
from meetings.sources import tab_views as tabs
from meetings.sources import views as sources

room_patterns = (
    [
        path("", room.lobby, name="lobby"),
        path("join/", room.join, name="join"),
        path("in/", room.inside, name="inside"),
        path("language/", room.language, name="language"),
        path("consent/", room.consent, name="consent"),
        path("title/", host.title, name="title"),
        path("video/", host.video, name="video"),
        path("link/", host.guest_link, name="guest_link"),
        path("door/", host.door, name="door"),
        path("close/", host.close_links, name="close_links"),
        path("remove/<int:participant>/", host.remove, name="remove"),
        path("let-in/<int:participant>/", host.let_in, name="let_in"),
        path("waiting/", waiting.page, name="waiting"),
        path("waiting/state/", waiting.state, name="waiting_state"),
        path("waiting/switch/", waiting.switch, name="waiting_switch"),
        path("knocks/", waiting.knocks, name="knocks"),
        path("knocks/let-in/", waiting.let_all_in, name="let_all_in"),
        path("knocks/<int:knock>/let-in/", waiting.let_in, name="let_knock_in"),
        path("knocks/<int:knock>/refuse/", waiting.refuse, name="refuse_knock"),
        path("revoke/", host.revoke_links, name="revoke_links"),
        path("sources/", sources.sources, name="sources"),
        path("sources/<int:source>/stop/", sources.stop, name="stop_source"),
        path("sources/<int:source>/start/", sources.start, name="start_source"),
        path("sources/<int:source>/remove/", sources.remove, name="remove_source"),
        path("outlets/", sources.outlets, name="outlets"),
        path(
            "outlets/<uuid:outlet>/take-back/",
            sources.take_back,
            name="take_back_outlet",
        ),
        path("end/", host.end, name="end"),
        path("kept-sound/", kept.sound, name="kept_sound"),
        path("tab/", tabs.before, name="tab"),
        path("tab/token/", tabs.token, name="tab_token"),
        path("tab/kept-sound/", kept.tab_sound, name="tab_kept_sound"),
    ],
    "room",
)

urlpatterns = [
    path("meetings/new/", room.create, name="new_meeting"),
    path("join/<str:token>/", room.redeem, name="redeem"),
    path("room/<slug:code>/", include(room_patterns)),
    path("import/", imports.import_uploads, name="import"),
    path("import/describe/", imports.describe, name="describe_imports"),
    path("imports/", queue.page, name="imports"),
    path("imports/retry/", queue.retry_all, name="retry_imports"),
    path("imports/<int:job>/retry/", queue.retry, name="retry_import"),
    path("imports/<int:job>/delete/", queue.remove, name="delete_import"),
    path("imports/<int:job>/date/", queue.date, name="date_import"),
    path("uploads/", uploads.Uploads.as_view(), name="uploads"),
    path("uploads/<uuid:upload_id>", uploads.OneUpload.as_view(), name="upload"),
    path("calls/<slug:code>/media/mix", files.mix, name="mix"),
    path("calls/<slug:code>/media/<int:participant>", files.stem, name="stem"),
    path("calls/<slug:code>/video/<int:track>", files.video, name="video"),
    path("calls/<slug:code>/media/film", files.film, name="film"),
    path("calls/<slug:code>/peaks.json", files.peaks, name="peaks"),
    path(
        "calls/<slug:code>/people/<int:participant>/delete/",
        people.erase,
        name="erase_person",
    ),
]
