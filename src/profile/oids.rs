//! Numbers of the objects the decoders read, each beside its name in `mibs/`.
//!
//! Constants, because decoding runs for every reading; a test resolves every name through the MIB and compares, so the
//! two cannot drift apart. Vendors' own objects are not here: they are data in `mibs/profiles/`.

macro_rules! objects {
    ($($constant:ident $name:literal [$($arc:literal),+];)+) => {
        $(pub const $constant: &[u32] = &[$($arc),+];)+
        /// Every constant with its MIB name, for the test that compares them.
        #[cfg(test)]
        pub const ALL: &[(&str, &[u32])] = &[$(($name, $constant)),+];
    };
}

objects! {
    SYS_DESCR "sysDescr" [1, 3, 6, 1, 2, 1, 1, 1];
    SYS_OBJECT_ID "sysObjectID" [1, 3, 6, 1, 2, 1, 1, 2];
    SYS_UP_TIME "sysUpTime" [1, 3, 6, 1, 2, 1, 1, 3];
    SYS_CONTACT "sysContact" [1, 3, 6, 1, 2, 1, 1, 4];
    SYS_NAME "sysName" [1, 3, 6, 1, 2, 1, 1, 5];
    SYS_LOCATION "sysLocation" [1, 3, 6, 1, 2, 1, 1, 6];
    SYS_SERVICES "sysServices" [1, 3, 6, 1, 2, 1, 1, 7];
    IF_DESCR "ifDescr" [1, 3, 6, 1, 2, 1, 2, 2, 1, 2];
    IF_TYPE "ifType" [1, 3, 6, 1, 2, 1, 2, 2, 1, 3];
    IF_SPEED "ifSpeed" [1, 3, 6, 1, 2, 1, 2, 2, 1, 5];
    IF_PHYS_ADDRESS "ifPhysAddress" [1, 3, 6, 1, 2, 1, 2, 2, 1, 6];
    IF_ADMIN_STATUS "ifAdminStatus" [1, 3, 6, 1, 2, 1, 2, 2, 1, 7];
    IF_OPER_STATUS "ifOperStatus" [1, 3, 6, 1, 2, 1, 2, 2, 1, 8];
    IF_IN_OCTETS "ifInOctets" [1, 3, 6, 1, 2, 1, 2, 2, 1, 10];
    IF_IN_ERRORS "ifInErrors" [1, 3, 6, 1, 2, 1, 2, 2, 1, 14];
    IF_OUT_OCTETS "ifOutOctets" [1, 3, 6, 1, 2, 1, 2, 2, 1, 16];
    IF_OUT_ERRORS "ifOutErrors" [1, 3, 6, 1, 2, 1, 2, 2, 1, 20];
    IF_NAME "ifName" [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1];
    IF_HC_IN_OCTETS "ifHCInOctets" [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6];
    IF_HC_OUT_OCTETS "ifHCOutOctets" [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 10];
    IF_HIGH_SPEED "ifHighSpeed" [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 15];
    IF_CONNECTOR_PRESENT "ifConnectorPresent" [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 17];
    DOT3_STATS_FCS_ERRORS "dot3StatsFCSErrors" [1, 3, 6, 1, 2, 1, 10, 7, 2, 1, 3];
    DOT3_STATS_DUPLEX_STATUS "dot3StatsDuplexStatus" [1, 3, 6, 1, 2, 1, 10, 7, 2, 1, 19];
    DOT3AD_AGG_PORT_ATTACHED_AGG_ID "dot3adAggPortAttachedAggID" [1, 2, 840, 10006, 300, 43, 1, 2, 1, 1, 13];
    IF_ALIAS "ifAlias" [1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18];
    HR_DEVICE_TYPE "hrDeviceType" [1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 2];
    HR_DEVICE_DESCR "hrDeviceDescr" [1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 3];
    HR_DEVICE_ID "hrDeviceID" [1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 4];
    HR_DEVICE_STATUS "hrDeviceStatus" [1, 3, 6, 1, 2, 1, 25, 3, 2, 1, 5];
    HR_PRINTER_STATUS "hrPrinterStatus" [1, 3, 6, 1, 2, 1, 25, 3, 5, 1, 1];
    HR_PRINTER_DETECTED_ERROR_STATE "hrPrinterDetectedErrorState" [1, 3, 6, 1, 2, 1, 25, 3, 5, 1, 2];
    HR_DEVICE_PRINTER "hrDevicePrinter" [1, 3, 6, 1, 2, 1, 25, 3, 1, 5];
    PRT_GENERAL_PRINTER_NAME "prtGeneralPrinterName" [1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 16];
    PRT_GENERAL_SERIAL_NUMBER "prtGeneralSerialNumber" [1, 3, 6, 1, 2, 1, 43, 5, 1, 1, 17];
    PRT_INPUT_MAX_CAPACITY "prtInputMaxCapacity" [1, 3, 6, 1, 2, 1, 43, 8, 2, 1, 9];
    PRT_INPUT_CURRENT_LEVEL "prtInputCurrentLevel" [1, 3, 6, 1, 2, 1, 43, 8, 2, 1, 10];
    PRT_INPUT_NAME "prtInputName" [1, 3, 6, 1, 2, 1, 43, 8, 2, 1, 13];
    PRT_INPUT_DESCRIPTION "prtInputDescription" [1, 3, 6, 1, 2, 1, 43, 8, 2, 1, 18];
    PRT_MARKER_COUNTER_UNIT "prtMarkerCounterUnit" [1, 3, 6, 1, 2, 1, 43, 10, 2, 1, 3];
    PRT_MARKER_LIFE_COUNT "prtMarkerLifeCount" [1, 3, 6, 1, 2, 1, 43, 10, 2, 1, 4];
    PRT_MARKER_SUPPLIES_COLORANT_INDEX "prtMarkerSuppliesColorantIndex" [1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 3];
    PRT_MARKER_SUPPLIES_CLASS "prtMarkerSuppliesClass" [1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 4];
    PRT_MARKER_SUPPLIES_TYPE "prtMarkerSuppliesType" [1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 5];
    PRT_MARKER_SUPPLIES_DESCRIPTION "prtMarkerSuppliesDescription" [1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 6];
    PRT_MARKER_SUPPLIES_SUPPLY_UNIT "prtMarkerSuppliesSupplyUnit" [1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 7];
    PRT_MARKER_SUPPLIES_MAX_CAPACITY "prtMarkerSuppliesMaxCapacity" [1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 8];
    PRT_MARKER_SUPPLIES_LEVEL "prtMarkerSuppliesLevel" [1, 3, 6, 1, 2, 1, 43, 11, 1, 1, 9];
    PRT_MARKER_COLORANT_VALUE "prtMarkerColorantValue" [1, 3, 6, 1, 2, 1, 43, 12, 1, 1, 4];
    PRT_CHANNEL_TYPE "prtChannelType" [1, 3, 6, 1, 2, 1, 43, 14, 1, 1, 2];
    PRT_CONSOLE_DISPLAY_BUFFER_TEXT "prtConsoleDisplayBufferText" [1, 3, 6, 1, 2, 1, 43, 16, 5, 1, 2];
    PRT_ALERT_SEVERITY_LEVEL "prtAlertSeverityLevel" [1, 3, 6, 1, 2, 1, 43, 18, 1, 1, 2];
    PRT_ALERT_TRAINING_LEVEL "prtAlertTrainingLevel" [1, 3, 6, 1, 2, 1, 43, 18, 1, 1, 3];
    PRT_ALERT_GROUP "prtAlertGroup" [1, 3, 6, 1, 2, 1, 43, 18, 1, 1, 4];
    PRT_ALERT_GROUP_INDEX "prtAlertGroupIndex" [1, 3, 6, 1, 2, 1, 43, 18, 1, 1, 5];
    PRT_ALERT_LOCATION "prtAlertLocation" [1, 3, 6, 1, 2, 1, 43, 18, 1, 1, 6];
    PRT_ALERT_CODE "prtAlertCode" [1, 3, 6, 1, 2, 1, 43, 18, 1, 1, 7];
    PRT_ALERT_DESCRIPTION "prtAlertDescription" [1, 3, 6, 1, 2, 1, 43, 18, 1, 1, 8];
    PRT_COVER_DESCRIPTION "prtCoverDescription" [1, 3, 6, 1, 2, 1, 43, 6, 1, 1, 2];
    PRT_COVER_STATUS "prtCoverStatus" [1, 3, 6, 1, 2, 1, 43, 6, 1, 1, 3];
    DOT1D_BASE_BRIDGE_ADDRESS "dot1dBaseBridgeAddress" [1, 3, 6, 1, 2, 1, 17, 1, 1];
    DOT1D_BASE_NUM_PORTS "dot1dBaseNumPorts" [1, 3, 6, 1, 2, 1, 17, 1, 2];
    DOT1D_BASE_PORT_IF_INDEX "dot1dBasePortIfIndex" [1, 3, 6, 1, 2, 1, 17, 1, 4, 1, 2];
    DOT1D_STP_PRIORITY "dot1dStpPriority" [1, 3, 6, 1, 2, 1, 17, 2, 2];
    DOT1D_STP_DESIGNATED_ROOT "dot1dStpDesignatedRoot" [1, 3, 6, 1, 2, 1, 17, 2, 5];
    DOT1D_STP_ROOT_COST "dot1dStpRootCost" [1, 3, 6, 1, 2, 1, 17, 2, 6];
    DOT1D_STP_ROOT_PORT "dot1dStpRootPort" [1, 3, 6, 1, 2, 1, 17, 2, 7];
    DOT1D_TP_FDB_ADDRESS "dot1dTpFdbAddress" [1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 1];
    DOT1D_TP_FDB_PORT "dot1dTpFdbPort" [1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 2];
    DOT1D_TP_FDB_STATUS "dot1dTpFdbStatus" [1, 3, 6, 1, 2, 1, 17, 4, 3, 1, 3];
    DOT1Q_TP_FDB_PORT "dot1qTpFdbPort" [1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, 2];
    DOT1Q_TP_FDB_STATUS "dot1qTpFdbStatus" [1, 3, 6, 1, 2, 1, 17, 7, 1, 2, 2, 1, 3];
    DOT1Q_VLAN_FDB_ID "dot1qVlanFdbId" [1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 2, 1, 3];
    DOT1Q_VLAN_STATUS "dot1qVlanStatus" [1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 2, 1, 6];
    DOT1Q_VLAN_STATIC_NAME "dot1qVlanStaticName" [1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 3, 1, 1];
    DOT1Q_VLAN_STATIC_EGRESS_PORTS "dot1qVlanStaticEgressPorts" [1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 3, 1, 2];
    DOT1Q_VLAN_STATIC_ROW_STATUS "dot1qVlanStaticRowStatus" [1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 3, 1, 5];
    DOT1Q_PVID "dot1qPvid" [1, 3, 6, 1, 2, 1, 17, 7, 1, 4, 5, 1, 1];
    LLDP_LOC_CHASSIS_ID_SUBTYPE "lldpLocChassisIdSubtype" [1, 0, 8802, 1, 1, 2, 1, 3, 1];
    LLDP_LOC_CHASSIS_ID "lldpLocChassisId" [1, 0, 8802, 1, 1, 2, 1, 3, 2];
    LLDP_LOC_PORT_ID_SUBTYPE "lldpLocPortIdSubtype" [1, 0, 8802, 1, 1, 2, 1, 3, 7, 1, 2];
    LLDP_LOC_PORT_ID "lldpLocPortId" [1, 0, 8802, 1, 1, 2, 1, 3, 7, 1, 3];
    LLDP_LOC_PORT_DESC "lldpLocPortDesc" [1, 0, 8802, 1, 1, 2, 1, 3, 7, 1, 4];
    LLDP_REM_CHASSIS_ID_SUBTYPE "lldpRemChassisIdSubtype" [1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 4];
    LLDP_REM_CHASSIS_ID "lldpRemChassisId" [1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 5];
    LLDP_REM_PORT_ID_SUBTYPE "lldpRemPortIdSubtype" [1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 6];
    LLDP_REM_PORT_ID "lldpRemPortId" [1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 7];
    LLDP_REM_PORT_DESC "lldpRemPortDesc" [1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 8];
    LLDP_REM_SYS_NAME "lldpRemSysName" [1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 9];
    LLDP_REM_SYS_DESC "lldpRemSysDesc" [1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 10];
    LLDP_REM_MAN_ADDR_IF_SUBTYPE "lldpRemManAddrIfSubtype" [1, 0, 8802, 1, 1, 2, 1, 4, 2, 1, 3];
    ENT_PHYSICAL_DESCR "entPhysicalDescr" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 2];
    ENT_PHYSICAL_CONTAINED_IN "entPhysicalContainedIn" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 4];
    ENT_PHYSICAL_CLASS "entPhysicalClass" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 5];
    ENT_PHYSICAL_PARENT_REL_POS "entPhysicalParentRelPos" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 6];
    ENT_PHYSICAL_NAME "entPhysicalName" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 7];
    ENT_PHYSICAL_HARDWARE_REV "entPhysicalHardwareRev" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 8];
    ENT_PHYSICAL_FIRMWARE_REV "entPhysicalFirmwareRev" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 9];
    ENT_PHYSICAL_SOFTWARE_REV "entPhysicalSoftwareRev" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 10];
    ENT_PHYSICAL_SERIAL_NUM "entPhysicalSerialNum" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 11];
    ENT_PHYSICAL_MFG_NAME "entPhysicalMfgName" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 12];
    ENT_PHYSICAL_MODEL_NAME "entPhysicalModelName" [1, 3, 6, 1, 2, 1, 47, 1, 1, 1, 1, 13];
    CDP_CACHE_ADDRESS_TYPE "cdpCacheAddressType" [1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 3];
    CDP_CACHE_ADDRESS "cdpCacheAddress" [1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 4];
    CDP_CACHE_VERSION "cdpCacheVersion" [1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 5];
    CDP_CACHE_DEVICE_ID "cdpCacheDeviceId" [1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 6];
    CDP_CACHE_DEVICE_PORT "cdpCacheDevicePort" [1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 7];
    CDP_CACHE_PLATFORM "cdpCachePlatform" [1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 8];
    CDP_CACHE_SYS_NAME "cdpCacheSysName" [1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1, 17];
    VTP_VLAN_STATE "vtpVlanState" [1, 3, 6, 1, 4, 1, 9, 9, 46, 1, 3, 1, 1, 2];
    VTP_VLAN_TYPE "vtpVlanType" [1, 3, 6, 1, 4, 1, 9, 9, 46, 1, 3, 1, 1, 3];
    VTP_VLAN_NAME "vtpVlanName" [1, 3, 6, 1, 4, 1, 9, 9, 46, 1, 3, 1, 1, 4];
    VM_VLAN "vmVlan" [1, 3, 6, 1, 4, 1, 9, 9, 68, 1, 2, 2, 1, 2];
    UPS_IDENT_MODEL "upsIdentModel" [1, 3, 6, 1, 2, 1, 33, 1, 1, 2];
    UPS_BATTERY_STATUS "upsBatteryStatus" [1, 3, 6, 1, 2, 1, 33, 1, 2, 1];
    UPS_ESTIMATED_MINUTES_REMAINING "upsEstimatedMinutesRemaining" [1, 3, 6, 1, 2, 1, 33, 1, 2, 3];
    UPS_ESTIMATED_CHARGE_REMAINING "upsEstimatedChargeRemaining" [1, 3, 6, 1, 2, 1, 33, 1, 2, 4];
    UPS_OUTPUT_SOURCE "upsOutputSource" [1, 3, 6, 1, 2, 1, 33, 1, 4, 1];
    UPS_OUTPUT_PERCENT_LOAD "upsOutputPercentLoad" [1, 3, 6, 1, 2, 1, 33, 1, 4, 4, 1, 5];
    MTXR_NEIGHBOR_IP_ADDRESS "mtxrNeighborIpAddress" [1, 3, 6, 1, 4, 1, 14988, 1, 1, 11, 1, 1, 2];
    MTXR_NEIGHBOR_MAC_ADDRESS "mtxrNeighborMacAddress" [1, 3, 6, 1, 4, 1, 14988, 1, 1, 11, 1, 1, 3];
    MTXR_NEIGHBOR_VERSION "mtxrNeighborVersion" [1, 3, 6, 1, 4, 1, 14988, 1, 1, 11, 1, 1, 4];
    MTXR_NEIGHBOR_PLATFORM "mtxrNeighborPlatform" [1, 3, 6, 1, 4, 1, 14988, 1, 1, 11, 1, 1, 5];
    MTXR_NEIGHBOR_IDENTITY "mtxrNeighborIdentity" [1, 3, 6, 1, 4, 1, 14988, 1, 1, 11, 1, 1, 6];
    MTXR_NEIGHBOR_INTERFACE_ID "mtxrNeighborInterfaceID" [1, 3, 6, 1, 4, 1, 14988, 1, 1, 11, 1, 1, 8];
    LLDP_REM_MAN_ADDR_IF_ID "lldpRemManAddrIfId" [1, 0, 8802, 1, 1, 2, 1, 4, 2, 1, 4];
    LLDP_V2_REM_CHASSIS_ID_SUBTYPE "lldpV2RemChassisIdSubtype" [1, 3, 111, 2, 802, 1, 1, 13, 1, 4, 1, 1, 5];
    LLDP_V2_REM_CHASSIS_ID "lldpV2RemChassisId" [1, 3, 111, 2, 802, 1, 1, 13, 1, 4, 1, 1, 6];
    LLDP_V2_REM_PORT_ID_SUBTYPE "lldpV2RemPortIdSubtype" [1, 3, 111, 2, 802, 1, 1, 13, 1, 4, 1, 1, 7];
    LLDP_V2_REM_PORT_ID "lldpV2RemPortId" [1, 3, 111, 2, 802, 1, 1, 13, 1, 4, 1, 1, 8];
    LLDP_V2_REM_PORT_DESC "lldpV2RemPortDesc" [1, 3, 111, 2, 802, 1, 1, 13, 1, 4, 1, 1, 9];
    LLDP_V2_REM_SYS_NAME "lldpV2RemSysName" [1, 3, 111, 2, 802, 1, 1, 13, 1, 4, 1, 1, 10];
    LLDP_V2_REM_SYS_DESC "lldpV2RemSysDesc" [1, 3, 111, 2, 802, 1, 1, 13, 1, 4, 1, 1, 11];
}
