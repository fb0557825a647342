### Frame, common words, numbers and times.

language-own-name = English
skip-to-content = Skip to content
nav-label = Places
nav-today = Today
nav-devices = Devices
nav-needs = Supplies
nav-stock = Stock
nav-orders = Orders
nav-tickets = Tickets
nav-discovery = Discovery
nav-settings = Settings
nav-more = More
branch-switch = Choose a branch
branch-all = All branches
search-label = Find a device
search-placeholder = Name, IP, MAC, serial, room
view-menu = View
view-language = Language
view-theme = Appearance
theme-auto = As the system
theme-light = Light
theme-dark = Dark
sign-out = Sign out
live-lost = No connection, data is getting old
palette-title = Go to
palette-placeholder = A place or a device: name, IP, MAC, serial
palette-hint = ↑ ↓ choose, Enter open, Esc close
keys-title = Keys
keys-search = search on this page
keys-palette = go to a place or a device
keys-rows = walk the rows of a list, open
keys-save = save the form
keys-help = this help
undo = Undo
save = Save
cancel = Cancel
show = Show
columns = Columns
pager-label = Pages
pager-previous = Previous page
pager-next = Next page
pager-page = { $page } of { $pages }
pager-range = { $first }–{ $last } of { $total }
page-size = { $count } a page

## Times

time-now = just now
time-minutes-ago = { $count } min ago
time-hours-ago = { $count } h ago
time-yesterday = yesterday, { $value }
time-days-ago = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
time-in = in { $value }
time-seconds = { $count } s
time-minutes = { $count } min
time-hours = { $count } h
time-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
month-1 = Jan
month-2 = Feb
month-3 = Mar
month-4 = Apr
month-5 = May
month-6 = Jun
month-7 = Jul
month-8 = Aug
month-9 = Sep
month-10 = Oct
month-11 = Nov
month-12 = Dec
month-full-1 = January
month-full-2 = February
month-full-3 = March
month-full-4 = April
month-full-5 = May
month-full-6 = June
month-full-7 = July
month-full-8 = August
month-full-9 = September
month-full-10 = October
month-full-11 = November
month-full-12 = December
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday

## States

condition-ok = working
condition-attention = attention
condition-failure = failed
condition-unknown = unknown
ticket-status-new = new
ticket-status-assigned = assigned
ticket-status-in-progress = in progress
ticket-status-waiting-user = waiting for the user
ticket-status-waiting-parts = waiting for a part
ticket-status-waiting-vendor = waiting for the vendor
ticket-status-waiting-approval = waiting for approval
ticket-status-resolved = resolved
ticket-status-closed = closed
ticket-status-cancelled = cancelled
order-status-draft = draft
order-status-approved = approved
order-status-sent = sent
order-status-confirmed = confirmed
order-status-partly-received = partly received
order-status-closed = closed
order-status-cancelled = cancelled

## Levels

level-some = some left, amount not told
level-some-room = some room left, amount not told
level-room = room left { $value }
level-unknown = not told
level-no-restriction = level not tracked
level-low = low
chart-gap = no data

## Errors

error-title-400 = The request makes no sense
error-next-400 = Go back and fill in the form again. Nothing was changed.
error-title-403 = You may not do this
error-next-403 = Ask an administrator to do it or to change your role. Nothing was changed.
error-title-404 = There is no such page
error-next-404 = The link is old, or the record was removed. Start from the first page.
error-title-500 = The page could not be shown
error-next-500 = Reload it in a minute. Polling goes on, no data is lost; the reason is in the server's log.
error-home = To the first page

## Samples

components-title = Components
components-levels = Levels
components-states = States and times
components-forms = Forms
components-charts = Charts
components-form-help = Room or place, for example: room 214
components-form-error = Write the room: without it nobody finds the device.
components-mark = cartridge replaced
components-chart = Black toner over 90 days: replaced on 5 October, 31–51% now
