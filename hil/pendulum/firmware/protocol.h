// Messages of the MCU protocol, version 1: see src/RobotRl.Hardware/Protocols/Mcu/README.md.
#pragma once

#include <stdint.h>

// boot_id tells this boot from the one before it.
void protocol_start(uint16_t boot_id);

// Answers one valid frame, or drops and counts it.
void protocol_handle(const uint8_t *payload, uint8_t length);
