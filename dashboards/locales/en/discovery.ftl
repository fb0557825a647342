### Discovery.

discovery-start = Three steps, and the devices are found
discovery-step-site = Step 1. Branch
discovery-step-credential = Step 2. What to ask with: SNMP community or user
discovery-step-range = Step 3. Where to look: address range
discovery-ask-administrator = No ranges yet. Ask an administrator to add the first one.
site-name = Name of the branch
site-name-help = For example: Kazan, Bauman st. 5
site-zone = Time zone
site-add = Add the branch
site-added = Branch added: { $value }
credentials-title = SNMP credentials
credential-name = Name
credential-name-help = For example: office
credential-version = Version
credential-used = Fits
credential-devices = { $count ->
    [one] { $count } device
   *[other] { $count } devices
}
credential-add = Add a community or an SNMPv3 user
credential-why = Anykey only reads. Communities and passwords are stored encrypted and never shown again.
credential-community = Community
credential-community-help = For v1 and v2c. Often public; ask who set up the network
credential-save = Add
credential-added = Credential “{ $value }” added
credential-removed = Credential “{ $value }” removed
credential-user-fields = For SNMPv3: user and passwords
credential-user = SNMPv3 user
credential-user-help = As the devices are set up with
credential-auth-protocol = Authentication
credential-auth-protocol-help = The same algorithm as on the devices
credential-auth-password = Authentication password
credential-priv-protocol = Privacy
credential-priv-protocol-help = AES-192-C and AES-256-C: for Cisco devices where the plain ones do not fit
credential-priv-password = Privacy password
credential-password-help = At least 8 characters
credential-context = Context
credential-context-help = Mostly empty; Jetdirect on some HP printers
credential-protocol-none = none
ranges-title = Ranges
range-cidr = Address range
range-cidr-help = For example: 192.168.10.0/24 or one address
range-site = Branch
range-credential = Credential
range-credential-help = If you do not know, leave “any”: Anykey tries all
range-any-credential = any
range-port = SNMP port
range-port-help = Usually 161
range-port-of = port { $value }
range-state = Last sweep
range-add = Add a range
range-save = Add and search
range-scan = Search now
range-failed = The sweep failed
range-proposed = Proposed by a neighbour, not asked
range-stranger = Sends traps, not asked
range-running = running: asked { $asked }, found { $found }
range-waiting = waits its turn
range-never = not yet
range-found = { $count ->
    [one] { $count } found
   *[other] { $count } found
}
range-asked = { $count ->
    [one] { $count } address asked
   *[other] { $count } addresses asked
}
range-choose-site = Choose a branch.
range-added = Range { $value } added, the search begins
range-removed = Range { $value } removed, its devices stay
range-scan-asked = The search of { $value } begins
found-title = What answered
found-none = Nothing yet
found-none-next = Answers appear here by themselves as the sweep goes. If it is over and nothing is here, check the range, the community, and that SNMP is on.
found-all = All
found-devices = Devices
found-ping-only = Ping only
found-refused = Refused
found-address = Address
found-outcome = Outcome
found-steps = Steps
found-device = Device
found-at = When
found-range = Range
found-outcome-device = found
found-outcome-ping-only = ping only
found-outcome-refused = refused
