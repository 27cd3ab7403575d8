// Serial line with two rings; interrupts do the transfer.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// What uart_take hands out beside bytes.
#define UART_NOTHING (-1)
#define UART_DAMAGED (-2)

void uart_start(void);

// The next byte, UART_DAMAGED for one that arrived with a framing error or after lost ones, or UART_NOTHING. Main loop only.
int16_t uart_take(void);

// Whether a byte waits; interrupts off.
bool uart_waits(void);

// Whether a byte was lost since the last call: the line was faster than the main loop.
bool uart_take_overrun(void);

// Free bytes of the sending ring.
uint8_t uart_room(void);

// Queues a byte; the caller has asked for room. Never waits.
void uart_send(uint8_t byte);
