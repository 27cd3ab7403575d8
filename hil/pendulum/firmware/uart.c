#include "uart.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <util/atomic.h>

#include "board.h"

#define RECEIVE_SIZE 128
#define SEND_SIZE 128

static volatile uint8_t received[RECEIVE_SIZE], receive_head, receive_tail;
static volatile uint8_t sending[SEND_SIZE], send_head, send_tail;
static volatile bool damaged, overrun;

void uart_start(void) {
  // Double speed before the divider: the divider counts from the moment it is written.
  UCSR0A = _BV(U2X0);
  UBRR0 = (F_CPU / 8 + BAUD_RATE / 2) / BAUD_RATE - 1;
  UCSR0C = _BV(UCSZ01) | _BV(UCSZ00);
  UCSR0B = _BV(RXEN0) | _BV(TXEN0) | _BV(RXCIE0);
}

ISR(USART_RX_vect) {
  uint8_t status = UCSR0A, byte = UDR0, next = (receive_head + 1) & (RECEIVE_SIZE - 1);
  if (status & _BV(DOR0)) {
    overrun = true;
    damaged = true;
  }
  if (status & _BV(FE0)) {
    damaged = true;
    return;
  }
  if (next == receive_tail) {
    overrun = true;
    damaged = true;
    return;
  }
  received[receive_head] = byte;
  receive_head = next;
}

ISR(USART_UDRE_vect) {
  uint8_t tail = send_tail;
  if (tail == send_head) {
    UCSR0B &= (uint8_t)~_BV(UDRIE0);
    return;
  }
  UDR0 = sending[tail];
  send_tail = (tail + 1) & (SEND_SIZE - 1);
}

int16_t uart_take(void) {
  bool was_damaged;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    was_damaged = damaged;
    damaged = false;
  }
  if (was_damaged) {
    return UART_DAMAGED;
  }
  uint8_t tail = receive_tail;
  if (tail == receive_head) {
    return UART_NOTHING;
  }
  uint8_t byte = received[tail];
  receive_tail = (tail + 1) & (RECEIVE_SIZE - 1);
  return byte;
}

bool uart_waits(void) { return damaged || receive_tail != receive_head; }

bool uart_take_overrun(void) {
  bool was;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    was = overrun;
    overrun = false;
  }
  return was;
}

uint8_t uart_room(void) { return (uint8_t)(send_tail - send_head - 1) & (SEND_SIZE - 1); }

void uart_send(uint8_t byte) {
  sending[send_head] = byte;
  ATOMIC_BLOCK(ATOMIC_RESTORESTATE) {
    send_head = (send_head + 1) & (SEND_SIZE - 1);
    UCSR0B |= _BV(UDRIE0);
  }
}
