from django.urls import include, path

from meetings.imports import upload_views as uploads
from meetings.imports import views as imports
from meetings.recordings import people_views as people
from meetings.recordings import views as files
from meetings.rooms import views as room

room_patterns = (
    [
        path("", room.lobby, name="lobby"),
        path("join/", room.join, name="join"),
        path("in/", room.inside, name="inside"),
        path("language/", room.language, name="language"),
        path("consent/", room.consent, name="consent"),
        path("title/", room.title, name="title"),
        path("link/", room.guest_link, name="guest_link"),
        path("door/", room.door, name="door"),
        path("close/", room.close_links, name="close_links"),
        path("remove/<int:participant>/", room.remove, name="remove"),
        path("let-in/<int:participant>/", room.let_in, name="let_in"),
        path("revoke/", room.revoke_links, name="revoke_links"),
        path("end/", room.end, name="end"),
    ],
    "room",
)

urlpatterns = [
    path("meetings/new/", room.create, name="new_meeting"),
    path("join/<str:token>/", room.redeem, name="redeem"),
    path("room/<slug:code>/", include(room_patterns)),
    path("import/", imports.import_uploads, name="import"),
    path("uploads/", uploads.Uploads.as_view(), name="uploads"),
    path("uploads/<uuid:upload_id>", uploads.OneUpload.as_view(), name="upload"),
    path("calls/<slug:code>/media/mix", files.mix, name="mix"),
    path("calls/<slug:code>/media/<int:participant>", files.stem, name="stem"),
    path("calls/<slug:code>/peaks.json", files.peaks, name="peaks"),
    path(
        "calls/<slug:code>/people/<int:participant>/delete/",
        people.erase,
        name="erase_person",
    ),
]
