// A file of its own: the kernel's termios2, which has rates as numbers, cannot be included beside <termios.h>.
#include "baud.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <sys/ioctl.h>

uint32_t baud_of(int terminal) {
  struct termios2 settings;
  return ioctl(terminal, TCGETS2, &settings) == 0 ? settings.c_ospeed : 0;
}
