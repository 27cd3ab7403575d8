// The rate that the host has set on its side of a pseudo-terminal, in bits a second; 0 where unknown.
#pragma once

#include <stdint.h>

uint32_t baud_of(int terminal);
