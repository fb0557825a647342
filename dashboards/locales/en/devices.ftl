### Devices: list and card.

devices-count = { $count ->
    [one] { $count } device
   *[other] { $count } devices
}
device-name = Name
device-retired = retired
col-name = Name
col-state = State
col-place = Place
col-supplies = Supplies
col-address = Address
col-seen = Answered
col-kind = Kind
col-model = Model
col-vendor = Maker
col-serial = Serial no.
col-mac = MAC
col-pages = Pages printed
col-site = Branch
seen-never = never
place-none = no place
tab-all = All
tab-failure = Failed
tab-attention = Attention
tab-unknown = Unknown
tab-ok = Working
filter-low = Toner low
filter-new = New in a day
filter-retired = Retired
filter-remove = Remove this filter
filters-clear = Clear the filters
find = Find
add-range = Add a range
devices-empty-title = No devices yet
devices-empty-next = Name the branch's range of addresses: Anykey finds the printers, switches and whatever else answers SNMP or IPP in it.
devices-none-title = Nothing found
devices-none-next = Remove one of the filters, or search by a part of the name, IP, MAC, serial number or room.

## State in words

state-since = for { $value }
state-degraded-why = check community and access
state-low = running low: { $value }
reach-unknown = has not answered yet
reach-ok = working
reach-degraded = SNMP is silent
reach-unreachable = unreachable
reach-asleep = asleep
reach-down = does not answer
problem-down = does not answer
problem-repair = fault
problem-configuration = answers a ping but not SNMP
problem-reported = reported by a person
component-device = device
component-snmp = SNMP
component-fuser = fuser
component-engine = print engine
component-laser = laser
component-scanner = scanner
component-tray = tray
component-output = output bin
component-finisher = finisher
component-storage = storage
component-firmware = firmware
component-marker = marker
component-media-path = paper path
component-cover = cover
component-network = network

## Kinds

kind-mfp = MFP
kind-printer = Printer
kind-scanner = Scanner
kind-switch = Switch
kind-router = Router
kind-access-point = Access point
kind-wlan-controller = Wi-Fi controller
kind-firewall = Firewall
kind-ups = UPS
kind-pdu = PDU
kind-server = Server
kind-storage = Storage
kind-phone = Phone
kind-camera = Camera
kind-other = Other

supply-toner = Toner
supply-ink = Ink
supply-drum = Drum
supply-developer = Developer
supply-waste = Waste toner box
supply-fuser = Fuser
supply-transfer = Transfer belt
supply-cleaner = Cleaner
supply-roller = Pickup roller
supply-maintenance-kit = Maintenance kit
supply-staples = Staples
supply-filter = Filter
supply-ribbon = Ribbon
supply-other = Supply
colour-black = black
colour-cyan = cyan
colour-magenta = magenta
colour-yellow = yellow
colour-light-cyan = light cyan
colour-light-magenta = light magenta
colour-gray = gray
colour-red = red
colour-blue = blue
colour-green = green
colour-white = white

## Alerts of a printer (PrtAlertCodeTC)

alert-coverOpen = cover open
alert-interlockOpen = cover open
alert-jam = jam
alert-subunitMissing = a part is missing
alert-subunitLifeAlmostOver = part near the end of its life
alert-subunitLifeOver = part at the end of its life
alert-subunitAlmostEmpty = nearly empty
alert-subunitEmpty = empty
alert-subunitAlmostFull = nearly full
alert-subunitFull = full
alert-subunitUnrecoverableFailure = a part failed
alert-subunitRecoverableFailure = a part faltered
alert-powerUp = powered up
alert-powerDown = powered down
alert-inputMediaSupplyLow = paper low
alert-inputMediaSupplyEmpty = out of paper
alert-inputMediaTrayMissing = tray missing
alert-outputMediaTrayFull = output bin full
alert-outputMediaTrayAlmostFull = output bin nearly full
alert-markerFuserUnderTemperature = fuser too cold
alert-markerFuserOverTemperature = fuser too hot
alert-markerTonerEmpty = toner empty
alert-markerInkEmpty = ink empty
alert-markerTonerAlmostEmpty = toner low
alert-markerInkAlmostEmpty = ink low
alert-markerWasteTonerReceptacleAlmostFull = waste toner box nearly full
alert-markerWasteTonerReceptacleFull = waste toner box full
alert-markerOpcLifeAlmostOver = drum near the end of its life
alert-markerOpcLifeOver = drum at the end of its life
alert-markerTonerCartridgeMissing = toner cartridge missing

## Timeline

timeline-device-discovered = Found: { $value }
timeline-reach-changed = Was: { $from }. Now: { $to }
timeline-address-changed = Address { $from } → { $to }
timeline-restarted = Restarted
timeline-problem-raised = Fault. { $value }
timeline-problem-cleared = Well again: { $value }
timeline-supply-low = Running low: { $value }
timeline-supply-replaced = Replaced: { $value }
timeline-alert-appeared = Says: { $value }
timeline-change = { $from } → { $to }
timeline-page-count-reset = Page counter reset: { $from } → { $to }
timeline-trap-received = It says: { $value }
field-serial = Serial number
field-firmware = Firmware
field-model = Model

## Card

crumbs-label = Where this is
device-ticket = Ticket
device-poll = Poll now
device-edit = Change
device-place = Place
device-name-help = Empty: as the device calls itself.
device-place-help = For example: room 214. Empty: as set in the device.
device-retire = Retire
device-retire-help = No longer poll it nor order anything for it. Its history stays.
device-now = On the device's panel
device-history = History
device-span = Over how many days
device-ports = Ports
device-timeline = What happened
device-timeline-filter = Kind of event
device-timeline-empty = Nothing has happened yet.
device-connected = Where it is connected
device-connected-unknown = No polled switch has seen it for two days. Check that the branch's switches are polled.
device-identity = How we recognise it
device-identity-help = By these the device is recognised when its address changes.
device-addresses = Addresses
device-modules = Modules
device-notes = Notes of polling
device-sys-name = Network name
device-contact = Contact
device-uptime = Up for
device-credential = Access
device-profile = Profile
fact-why = Told by { $rule }, confidence { $confidence }
device-first-seen = Found
device-replaced = replaced
device-changed = Changed: { $value }
device-poll-asked = A poll is asked for, data will be fresh in a minute
device-poll-waits = poll asked for
device-is-retired = Retired: no longer polled
device-level-summary = { $name }: level over { $days } days, now { $level }
device-pages-summary = Pages by day over { $days } days, { $total } in total
device-pages-pace = about { $value } a week
device-pages-none = The chart appears after two days of polling.
ups-battery = Battery
ups-left = Lasts
ups-load = Load
identifier-serial = Serial number
identifier-printer-uuid = Printer UUID
identifier-base-mac = MAC
identifier-lldp-chassis = LLDP
identifier-sys-name = Network name
identifier-address = Address
ticket-create = Open the ticket
device-ticket-opened = Ticket opened: { $value }
priority-1 = 1, the branch has stopped
priority-2 = 2, a department has stopped
priority-3 = 3, hinders work
priority-4 = 4, can wait
priority-5 = 5, for the record
port-name = Port
port-speed = Speed
port-behind = Behind it
port-since = Changed
port-up = link up
port-down = no link
port-off = switched off
port-unknown = unknown
port-testing = testing
port-dormant = dormant
port-notPresent = no module
port-lowerLayerDown = no link
port-shared = { $count ->
    [one] { $count } more address behind the port
   *[other] { $count } more addresses behind the port
}
ports-up = { $up } of { $all } with link
ports-hidden = { $count ->
    [one] { $count } more, virtual
   *[other] { $count } more, virtual
}
macs-count = { $count ->
    [one] { $count } MAC
   *[other] { $count } MACs
}
more-count = and { $count } more
port-poe = Power
port-slow = slower than it can: { $value }
port-half-duplex = half duplex
port-errors = { $count ->
    [one] { $count } error in a day
   *[other] { $count } errors in a day
}
port-errors-checksum = { $value } of them checksums
port-stp-root = towards the root of the spanning tree
port-stp-blocked = blocked by the spanning tree
port-in-aggregate = part of { $value }
transceiver = optical module
transceiver-rx = receives { $value } dBm
transceiver-tx = sends { $value } dBm
celsius = { $value } °C
volts = { $value } V
amperes = { $value } A
watts = { $value } W
rpm = { $value } rpm
humidity = { $value } % humidity
poe-class = class { $value }
poe-feeds = feeding
poe-fault = PoE fault
poe-off = PoE off
poe-power = PoE
poe-budget = { $drawn } of { $power } W
device-stack = Stack
device-sensors = Sensors
stack-master = master
stack-active = active
stack-standby = standby
stack-member = member
stack-notMember = not a member
stack-standalone = alone
stack-other = other
speed-gigabit = { $value } Gbit/s
speed-megabit = { $value } Mbit/s
seen-by-lldp = LLDP
seen-by-cdp = CDP
seen-by-fdp = FDP
seen-by-mndp = MNDP
seen-by-fdb = by MAC table
source-snmp = SNMP
source-snmp-private = SNMP, maker's table
source-ipp = IPP
source-icmp = ping
source-manual = entered by a person
tray-number = Tray { $count }
tray-empty = empty
tray-some = has paper
timeline-group-state = State
timeline-group-supply = Supplies
timeline-group-problem = Faults
timeline-group-identity = Records
timeline-group-trap = Traps
older = Older

## What devices say by themselves (traps)

trap-coldStart = restarted
trap-warmStart = restarted
trap-linkDown = a port lost its link
trap-linkUp = a port has a link
trap-authenticationFailure = somebody asked with a wrong community
trap-printerV2Alert = printer alert
trap-entConfigChange = its parts changed
trap-lldpRemTablesChange = its neighbours changed
trap-newRoot = new root of the spanning tree
trap-topologyChange = spanning tree changed
trap-upsTrapOnBattery = on battery
trap-upsTrapTestCompleted = battery test done
trap-upsTrapAlarmEntryAdded = UPS alarm
trap-upsTrapAlarmEntryRemoved = UPS alarm is over
trap-upsOnBattery = on battery
trap-powerRestored = mains power is back
trap-lowBattery = battery low
trap-returnFromLowBattery = battery charged again
trap-upsOverload = overloaded
trap-upsDiagnosticsFailed = self-test failed
trap-upsDischarged = battery discharged
trap-communicationLost = lost contact with the UPS
trap-communicationEstablished = in contact with the UPS
trap-ciscoConfigManEvent = configuration changed
trap-ccmCLIRunningConfigChanged = configuration changed
trap-risingAlarm = threshold exceeded
trap-fallingAlarm = below the threshold

## Identity by people, epochs of the counter, jams

timeline-merged = Merged with: { $value }
timeline-split-off = Split off: { $value }
timeline-identity-undone = Taken back: { $value } is on its own record again
device-merged = Merged with: { $value }. Its history is on this page
device-split = Split: the other device has a page of its own
device-identity-undone = Taken back
device-identity-changes = Merged and split by people
identity-taken-back = taken back
identity-take-back = Take back
merge-title = This is the same device as…
merge-other = The other device
merge-help = Its name, address, serial number or MAC. Its history comes along; it can be taken back.
merge-do = Merge
split-title = These are two devices…
split-help = Tick what belongs to the other device. It gets a page of its own; what happened so far stays here. It can be taken back.
split-address = The other device answers at
split-no-address = unknown, discovery will find it
split-do = Split
epochs-title = Resets of the counter
epochs-help = The counter began anew; the total above goes on over all of them.
epoch-first = first seen
epoch-reset = after a reset
epoch-board = after another board
jams-title = Jams
jams-count = { $count ->
    [one] { $count } jam
   *[other] { $count } jams
}
jams-summary = { $jams } in { $days }
jams-rate = { $value } per 1,000 pages
jam-at-page = page { $value }
timeline-problem-hidden = What it is connected through is silent: nothing can be said of it now
problem-network = the whole branch does not answer
problem-unstable = comes and goes
component-fan = fan
component-drive = drive, motor
component-controller = controller board
component-adf = document feeder
component-jams = repeated jams
