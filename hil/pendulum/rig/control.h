// The control channel: a Unix socket that takes one command a line and answers each with one line.
#pragma once

#include <stdbool.h>

// Makes the socket; false with the reason in errno.
bool control_open(const char *path);

// Does what waits, never blocks. True where somebody asked the rig to end.
bool control_serve(void);

void control_close(void);
