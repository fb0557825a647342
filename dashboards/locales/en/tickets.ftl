### Support tickets.

tickets-open = Open
tickets-done = Done
tickets-all = All
tickets-search = Device, part, words of the ticket
tickets-find = Find
tickets-empty = No tickets
tickets-empty-next = A failing device opens one by itself. If a person told you of it, use the button above.
tickets-not-found = Nothing found
tickets-not-found-next = Search by a part of a word or a device's name, or look at the tab “All”.
ticket-new = New support ticket
ticket-number = T-{ $value }
ticket-title = Ticket
ticket-device = Device
ticket-priority = Priority
ticket-status = State
ticket-opened = Opened
ticket-class = Kind
ticket-class-down = does not answer
ticket-class-repair = repair
ticket-class-configuration = configuration
ticket-class-reported = told by a person
ticket-priority-1 = branch stopped
ticket-priority-2 = work stopped
ticket-priority-3 = work is slower
ticket-priority-4 = can wait
ticket-priority-5 = some day
ticket-device-help = Name, IP, serial number or room
ticket-choose = Which of them
ticket-which-device = Several devices fit: choose one.
ticket-no-device = There is no such device. Search by a part of its name, IP or serial number.
ticket-what = What happened
ticket-what-help = For example: streaks, does not print, jams
ticket-say-what = Say in a few words what happened.
ticket-priority-help = P1: the branch has stopped; P5: some day
ticket-open = Create
ticket-was-opened = Ticket created: { $value }
ticket-other-status = Other
ticket-do-new = Make it new
ticket-do-assigned = Assigned
ticket-do-in-progress = Take it
ticket-do-waiting-user = Wait for the user
ticket-do-waiting-parts = Wait for a part
ticket-do-waiting-vendor = Wait for the service centre
ticket-do-waiting-approval = Wait for approval
ticket-do-resolved = Resolved
ticket-do-closed = Close
ticket-do-cancelled = Cancel it
ticket-became = State: { $value }
ticket-history = History
ticket-no-events = Nothing is written yet.
ticket-opened-event = Ticket opened
ticket-by-itself = Anykey
ticket-comment = Comment
ticket-add-comment = Add
ticket-empty-comment = The comment is empty. Write at least a word.
ticket-commented = Comment added
ticket-id = Number
ticket-resolved-at = Resolved
ticket-reopened = Came back
ticket-times = { $count ->
    [one] { $count } time
   *[other] { $count } times
}
ticket-due = Due
ticket-new-priority = Priority: { $value }
sla-title = Service level
sla-response = Response
sla-restore = Restore
sla-due = Due
sla-target = Agreed
sla-pauses = Paused
sla-vendor = At the vendor
sla-felt = Passed
sla-felt-both = { $working } working, { $wall } in all
sla-left = { $value } left
sla-missed = { $value } late
sla-paused = paused, { $value } left
sla-was-met = in time: { $spent } of { $target }
sla-was-missed = late: { $spent } instead of { $target }
sla-step = { $value }% of the restore time is used
sla-step-missed = The restore time is over
settings-service = SLA and calendar
service-targets = Targets
service-targets-help = Hours and minutes of the branch's working time, like 0:30 or 8:00. New targets count at once, for open tickets too.
service-pauses = The clock stands while a ticket is
service-wrong-time = Hours and minutes, like 2:30.
service-restore-short = Restoring cannot be quicker than answering.
service-hours = Working hours: { $value }
service-hours-help = Like 9:00-13:00, 14:00-18:00. Empty is a day off.
service-wrong-hours = Spans with commas, like 9:00-13:00, 14:00-18:00.
service-days-title = Days that differ, a year ahead
service-no-days = None: every day is as usual.
service-unknown-years = No decree is known for { $value }: only the holidays the law names count so far.
service-day-remove = Remove
service-day-add = Add a day
service-add = Add
service-date = Date
service-kind = What day it is
service-scope = For whom
service-note = Note
service-note-help = Like: regional holiday
service-all-sites = All branches
service-wrong-date = Choose a date.
day-kind-off = day off
day-kind-short = an hour shorter
day-kind-working = working day
service-import = Production calendar
service-calendar = Text of the calendar
service-calendar-help = XML of xmlcalendar.ru, or TOML: year, off, short, working. It replaces all that is known of that year.
service-load = Load
service-imported = Calendar loaded: { $value }
service-days = { $count ->
    [one] { $count } day that differs
   *[other] { $count } days that differ
}
labels-title = Labels
labels-one = Label with QR code
labels-roll = For a label printer
labels-a4 = For an A4 sheet
labels-help = Print this page (Ctrl+P) and stick the labels on. The code opens the form "what is broken" in a phone, without a login.
labels-without = { $count ->
    [one] { $count } device has no code yet.
   *[other] { $count } devices have no code yet.
}
labels-make = Make codes
labels-scan = Broken? Scan me
report-title = What happened?
report-known = This is known already: { $number }, { $since }.
report-same = It is the same fault
report-choose = Choose what happened.
report-say = Say in two words what happened.
report-wait = { $count ->
    [one] Too many reports. Try again in { $count } minute, or call.
   *[other] Too many reports. Try again in { $count } minutes, or call.
}
report-who = Who you are
report-who-help = Name and phone or room, so that the technician finds you
report-text = More
report-send = Report
report-done = Thank you, the technician has it: { $value }
report-done-next = You may close this page.
fault-not-printing = Does not print
fault-quality = Stripes or pale
fault-jam = Paper jam
fault-other = Something else
ticket-by-label = by QR code
ticket-class-network = network
ticket-merged = Merged into
ticket-holds = Holds
ticket-merged-into = Merged into ticket { $value }
ticket-merged-here = Ticket { $value } was merged into this one
ticket-merge = The same fault as in ticket no.
ticket-merge-do = Merge
ticket-merge-which = Write the number of the ticket to merge into.
ticket-hidden = { $count ->
    [one] { $count } device behind it is not heard
   *[other] { $count } devices behind it are not heard
}
ticket-hidden-for = was not heard for { $value }
ticket-hidden-since = not heard since { $value }

## Work on a ticket: files, links, board, notes

tickets-list = List
board-title = Board
board-new = New
board-work = In work
board-waiting = Waiting
board-resolved = Resolved
board-none = Empty
board-move = Move
board-more = { $count } more
files-title = Files
files-none = No files
file-attach = Attach a file
file-attach-help = A picture, PDF, document, archive or text, up to 10 MB
file-attach-do = Attach
file-attached = Attached: { $value }
file-remove = Remove
file-removed = The file is removed
file-kb = { $value } KB
file-mb = { $value } MB
links-title = Other tickets
link-device = of the same device
link-related = related
link-other = Ticket number
link-other-help = For example: 118
link-do = Link
link-remove = Unlink
link-merge = Merge into this one
tickets-linked = The tickets are linked
tickets-unlinked = The tickets are not linked any more
ticket-notes-title = What helps
step-worked = worked
step-no = no
step-other = saw something else
step-saved = Saved
notes-title = Notes
notes-empty = No notes yet
notes-empty-next = Write down step by step what helps: the note appears on tickets about this model.
note-one = Note
note-new = New note
note-title = What happened
note-title-help = For example: jam in the fuser
note-of = For
note-any = any device
note-vendor-help = Empty: any
note-model-help = For example: ecosys m2*. Empty: any
note-body = Steps
note-body-help = Each action on its own line
note-steps = { $count ->
    [one] { $count } step
   *[other] { $count } steps
}
note-updated = Changed
note-saved = Saved: { $value }
note-remove = Remove the note
note-removed = The note is removed
ticket-file = File attached: { $value }
ticket-file-removed = File removed: { $value }
ticket-linked = Linked with ticket { $value }
ticket-step = Step of a note: { $value }
error-attachment-too-large = The file is larger than 10 MB.
error-attachment-type = Such files are not taken: send a picture, a PDF, a document, an archive or text.
error-too-many-files = The ticket holds too many files.
error-same-ticket = This is the same ticket.
ticket-class-unstable = connection
