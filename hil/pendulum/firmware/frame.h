// Frames of the MCU protocol: COBS(payload | crc32) | 0x00.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Longest payload with its CRC that the device takes; a longer frame is dropped and counted.
#define FRAME_RECEIVE_SIZE 24

// Feeds one byte. Returns the payload's length (without the CRC) once a whole valid frame has come, else zero.
uint8_t frame_take(uint8_t byte);

// The frame that is being received is damaged: drops it.
void frame_spoil(void);

// The payload of the frame that frame_take reported, until the next call.
const uint8_t *frame_payload(void);

// Damaged frames so far, wrapping.
uint16_t frame_bad_count(void);

void frame_count_bad(void);

// Sends a payload; buffer has room for four more bytes behind it. Dropped where the line has no room for it: never waits.
void frame_send(uint8_t *buffer, uint8_t length);
