#include "frame.h"

#include <avr/pgmspace.h>
#include <string.h>

#include "uart.h"

#define CRC_SIZE 4
#define COBS_FULL_BLOCK 0xFF

static uint8_t received[FRAME_RECEIVE_SIZE], length, code, left;
static bool spoiled, begun;
static uint16_t bad;

// CRC-32/ISO-HDLC by nibbles: 64 bytes of flash instead of 1,024.
static const uint32_t nibbles[16] PROGMEM = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};

static uint32_t crc32(const uint8_t *bytes, uint8_t count) {
  uint32_t crc = 0xFFFFFFFF;
  while (count--) {
    crc ^= *bytes++;
    crc = crc >> 4 ^ pgm_read_dword(&nibbles[crc & 15]);
    crc = crc >> 4 ^ pgm_read_dword(&nibbles[crc & 15]);
  }
  return ~crc;
}

static void append(uint8_t byte) {
  if (length < FRAME_RECEIVE_SIZE) {
    received[length++] = byte;
  } else {
    spoiled = true;
  }
}

static uint8_t finish(void) {
  uint8_t payload = 0;
  if (begun) {
    uint32_t crc;
    if (!spoiled && left == 0 && length > CRC_SIZE) {
      payload = length - CRC_SIZE;
      memcpy(&crc, received + payload, CRC_SIZE);
      if (crc != crc32(received, payload)) {
        payload = 0;
      }
    }
    if (payload == 0) {
      bad++;
    }
  }
  begun = spoiled = false;
  length = code = left = 0;
  return payload;
}

uint8_t frame_take(uint8_t byte) {
  if (byte == 0) {
    return finish();
  }
  begun = true;
  if (left > 0) {
    append(byte);
    left--;
    return 0;
  }
  if (code != 0 && code != COBS_FULL_BLOCK) {
    append(0);
  }
  code = byte;
  left = byte - 1;
  return 0;
}

void frame_spoil(void) { begun = spoiled = true; }

const uint8_t *frame_payload(void) { return received; }

uint16_t frame_bad_count(void) { return bad; }

void frame_count_bad(void) { bad++; }

void frame_send(uint8_t *buffer, uint8_t count) {
  uint32_t crc = crc32(buffer, count);
  memcpy(buffer + count, &crc, CRC_SIZE);
  count += CRC_SIZE;
  // At most 60 bytes here: one COBS block, so one code byte for each zero, one to start with, and the end.
  if (uart_room() < count + 2) {
    return;
  }
  uint8_t start = 0;
  for (;;) {
    uint8_t end = start;
    while (end < count && buffer[end] != 0) {
      end++;
    }
    uart_send(end - start + 1);
    while (start < end) {
      uart_send(buffer[start++]);
    }
    if (end == count) {
      break;
    }
    start = end + 1;
  }
  uart_send(0);
}
