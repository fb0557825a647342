### Cabling: search, path, sheet, changes.

nav-cabling = Cabling
cabling-find = Outlet, port, cable, room, device, MAC or IP
cabling-find-example = 2.14-A
cabling-find-do = Find
cabling-nothing = Nothing found for “{ $value }”
cabling-nothing-next = Check the number on the outlet. MACs and addresses are looked for among those the switches heard within two days.
cabling-hits = { $count ->
    [one] { $count } match
   *[other] { $count } matches
  }
cabling-heard = Where it is heard on the network
heard-alone = alone on the port
cabling-no-site = There is no branch yet
cabling-no-site-next = Add a branch on the discovery page.
cabling-empty = No cabling is documented yet
cabling-empty-next = Send the sheet you have: outlet, room, panel, port, switch, port. You will see first what comes of it.
cabling-template = XLSX template
cabling-none-of-these = There are none of these
cabling-import = Import a sheet
cabling-import-help = The first line names the columns: outlet, room, patch panel, port, switch, port, cable, length, note. Others are left out.
cabling-import-how = You will see first what changes. An empty cell changes nothing, a dash clears. Importing the same file again changes nothing.
cabling-import-nothing = Nothing changes: the documents already say so.
cabling-changes = Changes
cabling-changes-empty = Nobody has changed the documents yet
cabling-changes-empty-next = Who changed what will stand here, with the way back.
cabling-undone = The change was taken back
cabling-pieces = { $count ->
    [one] { $count } record
   *[other] { $count } records
  }
change-import = Import
change-save = Edit
change-connect = Connection
change-status = State
cabling-outlets = Outlets
cabling-units = Panels and devices
cabling-cables = Cables
cabling-outlet = Outlet
cabling-place = Place
cabling-port = Port
cabling-panel = Panel
cabling-switch-port = Switch port
cabling-device = Device
cabling-cable = Cable
cabling-rack = Rack
cabling-vlan = VLAN
cabling-note = Note
cabling-unit = Name
cabling-kind = Kind
cabling-ports = Ports
cabling-free = Free
cabling-ends = From and to
cabling-length = Length
cabling-status = State
cabling-source = Source
cable-source-manual = by hand
cable-source-import = from a sheet
cable-source-accepted = observed
cable-without-label = unlabelled
cable-kind-cord = cord
cable-kind-horizontal = horizontal
cable-kind-backbone = backbone
cable-kind-direct = direct
cable-status-planned = planned
cable-status-installed = installed
cable-status-connected = connected
cable-status-faulty = faulty
cable-status-reserved = reserved
cable-status-decommissioned = decommissioned
cord-colour-blue = blue
cord-colour-red = red
cord-colour-green = green
cord-colour-yellow = yellow
cord-colour-grey = grey
cord-colour-white = white
cord-colour-black = black
cord-colour-orange = orange
unit-kind-switch = switch
unit-kind-router = router
unit-kind-access-point = access point
unit-kind-host = computer
unit-kind-printer = printer
unit-kind-phone = telephone
unit-kind-camera = camera
unit-kind-panel = patch panel
unit-kind-outlet = outlet
unit-kind-consolidation = consolidation point
unit-kind-splice = splice
unit-kind-splitter = splitter
unit-kind-converter = media converter
place-kind-building = building
place-kind-floor = floor
place-kind-room = room
place-kind-zone = zone
place-kind-outdoor = outdoors
side-front = front
side-rear = rear
side-only = socket
metres = { $value } m

# Path.
trace-picture = The path from the port to the outlet
trace-end-open = nothing is plugged in beyond
trace-end-loose = the end of the cable is plugged in nowhere
trace-end-loop = a loop
trace-length = length { $value }
trace-length-at-least = length at least { $value }
trace-category = no better than { $value }
trace-lanes = { $count ->
    [one] only { $count } pair
   *[other] only { $count } pairs
  }
trace-not-active = not every cable is connected
trace-nothing = The path is unknown
trace-nothing-next = In the documents nothing is plugged in here.
trace-read = read
trace-heard = Who is heard on the port
trace-table = The path as a table
trace-what = What
trace-side = Side
trace-about = Details
trace-cables = States of the cables
trace-below-capability = slower than the port can
port-up-word = link is up
port-down-word = no link
port-unknown-word = state unknown
compared-blind = The switch port is not polled: there is nothing to compare with
compared-agrees = Documents and network agree
compared-differs = Documented is { $documented }, heard is { $seen }
compared-occupied = Heard on the port: { $value }
compared-silent = The link is up, but nobody is heard
compared-down = Documented as connected, but there is no link
compared-free = Nobody is there: the port is free
cabling-connect = Connect
cabling-connect-do = Write down
cabling-connected = The cable was written down
cabling-status-set = State of the cable: { $value }
connect-side = Side
connect-to = Where to
connect-to-help = An outlet, a port of a panel or of a switch: PP1:7, sw2:Gi0/7
connect-label = Cable number
connect-colour = Colour
connect-length = Length, m

# Columns of the sheet and what is wrong with them.
sheet-field-outlet = Outlet
sheet-field-building = Building
sheet-field-floor = Floor
sheet-field-room = Room
sheet-field-panel = Panel
sheet-field-panel-port = Panel port
sheet-field-switch = Switch
sheet-field-switch-port = Switch port
sheet-field-cable = Cable
sheet-field-cord = Cord
sheet-field-category = Category
sheet-field-length = Length
sheet-field-colour = Colour
sheet-field-vlan = VLAN
sheet-field-device = Device
sheet-field-status = State
sheet-field-note = Note
sheet-fault-required = is missing
sheet-fault-repeated = this outlet is already in row { $value }
sheet-fault-panel-port-taken = the panel port is taken: { $value }
sheet-fault-switch-port-taken = the switch port is taken: { $value }
sheet-fault-device-elsewhere = the device is plugged in elsewhere: { $value }
sheet-fault-needs-port = no port is given for “{ $value }”
sheet-fault-needs-panel = port { $value } is given, but no panel
sheet-fault-needs-switch = port { $value } is given, but no switch
sheet-fault-unknown-port = the switch has no port “{ $value }”
sheet-fault-bad-port = “{ $value }” is no port of a panel
sheet-fault-label-taken = number “{ $value }” belongs to another cable
sheet-fault-no-cable = there is no cable this could be about: “{ $value }”
sheet-fault-not-an-outlet = “{ $value }” is no outlet
sheet-fault-not-a-panel = “{ $value }” is no panel
sheet-fault-not-a-switch = “{ $value }” is no switch
sheet-fault-not-a-device = “{ $value }” is no device
sheet-fault-bad-number = “{ $value }” is no number within reason
sheet-fault-bad-status = unknown state “{ $value }”. Write: connected, installed, planned, reserved, faulty
sheet-fault-too-long = too long: “{ $value }…”
sheet-fault-formula-without-value = the formula { $value } has no value: save the file in a spreadsheet program
sheet-fault-cell-error = formula error { $value }
sheet-fault-socket-taken = the socket is taken: { $value }
error-no-such-jack = There is no such socket in the documents.
error-sheet-stale = The documents have changed since the file was checked. Send it again.
error-cabling-taken = “{ $value }” is there already. Choose another name.
error-cabling-not-found = This record is gone. Reload the page.
error-cabling-required = Fill in this field.
error-cabling-too-long = Too long: “{ $value }…”
error-cabling-bad-number = “{ $value }” is a number out of bounds.
error-cabling-not-there = What this points at is not in the documents.
error-cabling-occupied = Already taken: { $value }
error-cabling-same-jack = A cable cannot begin and end in one socket.
error-cabling-changed-since = “{ $value }” was changed after that. Take back the later change first.
error-cabling-needed-since = This cannot be taken back: “{ $value }” now depends on it.
error-cabling-refused = This cannot be done: { $value }

# Map and findings.
cabling-map = Network map
cabling-findings = Differences
map-made = made
map-empty = No links are seen yet
map-empty-next = The map is made of what switches answer (LLDP, CDP, MAC tables). Add a range on the discovery page and wait for a poll.
map-hidden = { $count ->
    [one] { $count } more device is not shown
   *[other] { $count } more devices are not shown
  }
map-all = Show all
map-links = Links
map-legend = solid: sure (0.9 and more) · dashed: likely · dotted: a guess · grey: blocked by spanning tree
map-from = From
map-to = To
map-port = Port
map-sure = Confidence
map-state = State
map-seen = Seen
map-stations = { $count ->
    [one] { $count } station
   *[other] { $count } stations
  }
map-away = { $count ->
    [one] { $count } more neighbour
   *[other] { $count } more neighbours
  }
cloud-unmanaged-switch = unmanaged switch?
cloud-wifi = wireless
cloud-phone = telephone
cloud-hypervisor = hypervisor
link-state-live = live
link-state-aging = not seen lately
link-state-stale = stale
link-state-last-known = before the port went down
findings-open = Open
findings-ordered = Being worked on
findings-ignored = Ignored for now
findings-accepted = Accepted
findings-resolved = Gone
findings-empty = There are no differences
findings-empty-next = Documents and network are compared every five minutes.
findings-more = { $count ->
    [one] and { $count } more
   *[other] and { $count } more
  }
findings-accept-all = { $count ->
    [one] Accept { $count } sure one
   *[other] Accept { $count } sure ones
  }
finding-undocumented-link = Link not documented
finding-wrong-link = Plugged in elsewhere
finding-swapped = Swapped
finding-device-moved = The device moved
finding-outlet-found = Outlet found
finding-dead-port = The port has long been silent
finding-ghost-patch = Nobody knows who
finding-speed-downgrade = Slower than it could be
finding-fcs-errors = Frame errors
finding-duplex-mismatch = Half duplex
finding-vlan-mismatch = Another VLAN
finding-one-end-cable = Cable with one end
finding-documented = Documented
finding-observed = Observed
finding-nothing = nothing
finding-since = since
finding-seen = seen
finding-look = Look
finding-ticket = Ticket
finding-accept = Document as observed
finding-order = Make a ticket
finding-ignore = Ignore for
finding-reopen = Bring back
finding-accepted = Written into the documents
finding-ignored = Ignored until { $value }
finding-reopened = Open again
finding-ordered = Ticket { $value } was made
evidence-lldp = LLDP
evidence-cdp = CDP
evidence-neighbour = neighbour protocol
evidence-lacp = LACP
evidence-stp = STP
evidence-fdb = MAC tables
evidence-port = state of the port
evidence-both = { $value } from both ends
change-accept = As observed
