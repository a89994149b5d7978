from django.urls import path

from dashboard.accounts import sheet_views as sheet
from dashboard.accounts import views as accounts
from dashboard.brief import views as brief
from dashboard.call import bin as deleted
from dashboard.call import (
    bookmarks,
    corrections,
    manage,
    overlay,
    removals,
    speakers,
)
from dashboard.call import views as call
from dashboard.exports import pack_views as packs
from dashboard.exports import views as exports
from dashboard.library import unrecorded_views as unrecorded
from dashboard.library import views as home
from dashboard.llm import views as llm
from dashboard.passes import views as passes
from dashboard.stats import views as stats
from dashboard.trackers import editor, in_call
from dashboard.trackers import views as trackers

urlpatterns = [
    path("", home.home, name="home"),
    path("rows/", home.rows, name="rows"),
    path("not-recorded/", unrecorded.not_recorded, name="not_recorded"),
    path("customers/", accounts.accounts, name="accounts"),
    path("customers/new/", accounts.new, name="new_account"),
    path("customers/table/", sheet.table, name="account_table"),
    path("customers/customers.csv", sheet.download, name="account_download"),
    path("customers/<int:pk>/", accounts.account, name="account"),
    path("customers/<int:pk>/edit/", accounts.edit, name="edit_account"),
    path("customers/<int:pk>/calls/", accounts.calls, name="account_calls"),
    path("customers/<int:pk>/before/", accounts.before, name="account_before"),
    path("calls/<slug:code>/account/", accounts.file, name="file_call"),
    path("deleted/", deleted.deleted, name="deleted"),
    path("deleted/<slug:code>/back/", deleted.back, name="bring_back"),
    path("deleted/<slug:code>/erase/", deleted.erase, name="erase_call"),
    path("calls/<slug:code>/", call.call, name="call"),
    path("calls/<slug:code>/lines/", call.lines, name="lines"),
    path("calls/<slug:code>/player/", call.player, name="player"),
    path("calls/<slug:code>/marks/", overlay.marks, name="marks"),
    path("calls/<slug:code>/bookmarks/", bookmarks.bookmark, name="bookmark"),
    path("calls/<slug:code>/speech/", overlay.speech, name="speech"),
    path("calls/<slug:code>/find/", overlay.find, name="find_in_call"),
    path("calls/<slug:code>/brief/", brief.brief, name="brief"),
    path("calls/<slug:code>/brief/lines/", brief.change, name="change_brief"),
    path("calls/<slug:code>/written/", llm.written, name="written"),
    path("ask/", llm.ask, name="ask"),
    path("ask/<int:pk>/", llm.answer, name="answer"),
    path("calls/<slug:code>/export/<slug:kind>/", exports.export, name="export"),
    path("calls/<slug:code>/take-out/", packs.take_out, name="take_out"),
    path("calls/<slug:code>/passes/", passes.passes, name="passes"),
    path("calls/<slug:code>/hear-again/", passes.hear_one, name="hear_one"),
    path("hearings/", passes.hearings, name="hearings"),
    path("hearings/rows/", passes.rows, name="hearing_rows"),
    path("hearings/<int:pk>/<slug:how>/", passes.change, name="hearing_change"),
    path("exports/", packs.exports, name="exports"),
    path("exports/rows/", packs.rows, name="export_rows"),
    path("exports/<int:pk>/file/", packs.download, name="export_file"),
    path("exports/<int:pk>/cancel/", packs.cancel, name="export_cancel"),
    path("exports/<int:pk>/again/", packs.again, name="export_again"),
    path("calls/<slug:code>/stats/", stats.stats, name="stats"),
    path("calls/<slug:code>/title/", manage.title, name="title"),
    path("calls/<slug:code>/settings/", manage.settings, name="settings"),
    path("calls/<slug:code>/people/<int:participant>/", manage.person, name="person"),
    path("calls/<slug:code>/lines/<int:pk>/text/", corrections.text, name="line_text"),
    path("calls/<slug:code>/said-by/", corrections.said_by, name="said_by"),
    path(
        "calls/<slug:code>/people/<int:participant>/join/",
        corrections.join,
        name="join_people",
    ),
    path("calls/<slug:code>/history/", corrections.history, name="history"),
    path(
        "calls/<slug:code>/history/<uuid:change>/undo/",
        corrections.take_back,
        name="undo",
    ),
    path("calls/<slug:code>/speakers/", speakers.speakers, name="speakers"),
    path("calls/<slug:code>/speakers/back/", speakers.take_back, name="speakers_back"),
    path(
        "calls/<slug:code>/speakers/voices/",
        speakers.by_voice,
        name="speakers_by_voice",
    ),
    path("calls/<slug:code>/delete/", manage.delete, name="delete"),
    path("calls/<slug:code>/retry/<int:job>/", call.retry, name="retry"),
    path("calls/<slug:code>/removals/", removals.removals, name="removals"),
    path(
        "calls/<slug:code>/removals/<int:pk>/restore/", removals.restore, name="restore"
    ),
    path("calls/<slug:code>/removals/<int:pk>/keep/", removals.keep, name="keep"),
    path("calls/<slug:code>/lines/<int:pk>/bag/", removals.bag, name="bag"),
    path("calls/<slug:code>/trackers/", in_call.call_trackers, name="call_trackers"),
    path("searches/", trackers.saved_searches, name="saved_searches"),
    path("searches/save/", trackers.save_search, name="save_search"),
    path("trackers/", trackers.trackers, name="trackers"),
    path("trackers/new/", editor.new, name="new_tracker"),
    path("trackers/preview/", editor.show_preview, name="preview_tracker"),
    path("trackers/news/", trackers.news, name="tracker_news"),
    path("trackers/seen/", trackers.seen, name="trackers_seen"),
    path("trackers/sets/<slug:slug>/", trackers.add_set, name="add_set"),
    path("trackers/<int:pk>/", trackers.tracker, name="tracker"),
    path("trackers/<int:pk>/edit/", editor.edit, name="edit_tracker"),
    path("trackers/<int:pk>/filling/", trackers.filling, name="tracker_filling"),
    path("trackers/<int:pk>/alert/", trackers.alert, name="tracker_alert"),
    path("trackers/<int:pk>/retry/", trackers.retry, name="retry_tracker"),
    path("trackers/<int:pk>/delete/", trackers.delete, name="delete_tracker"),
]
