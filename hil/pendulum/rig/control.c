#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "commands.h"
#include "trace.h"

#define MAX_CLIENTS 8
#define LINE_SIZE 128
#define ANSWER_SIZE 1024

struct client {
  int socket;
  size_t length;
  char line[LINE_SIZE];
};

static int listener = -1;
static char listener_path[sizeof((struct sockaddr_un *)0)->sun_path];
static struct client clients[MAX_CLIENTS];

bool control_open(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return false;
  }
  strcpy(address.sun_path, path);
  for (int i = 0; i < MAX_CLIENTS; i++) {
    clients[i].socket = -1;
  }
  struct stat status;
  if (lstat(path, &status) == 0 && S_ISSOCK(status.st_mode)) {
    unlink(path);
  }
  listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, MAX_CLIENTS) != 0) {
    int reason = errno;
    control_close();
    errno = reason;
    return false;
  }
  // Owner only: whoever can reach it can move the arm.
  chmod(path, S_IRUSR | S_IWUSR);
  strcpy(listener_path, path);
  return true;
}

void control_close(void) {
  for (int i = 0; i < MAX_CLIENTS; i++) {
    if (clients[i].socket > 0) {
      close(clients[i].socket);
    }
    clients[i].socket = -1;
  }
  if (listener >= 0) {
    close(listener);
    listener = -1;
  }
  if (listener_path[0]) {
    unlink(listener_path);
    listener_path[0] = 0;
  }
}

static void welcome(void) {
  int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) {
    return;
  }
  for (int i = 0; i < MAX_CLIENTS; i++) {
    if (clients[i].socket < 0) {
      clients[i] = (struct client){.socket = socket};
      return;
    }
  }
  close(socket);
}

static void drop(struct client *client) {
  close(client->socket);
  client->socket = -1;
}

static bool answer_line(struct client *client) {
  char answer[ANSWER_SIZE];
  client->line[client->length] = 0;
  client->length = 0;
  bool end = commands_do(client->line, answer, sizeof answer - 1);
  strcat(answer, "\n");
  // Whoever has the answer may read the trace up to here.
  trace_flush();
  if (send(client->socket, answer, strlen(answer), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
    drop(client);
  }
  return end;
}

static bool serve_client(struct client *client) {
  char bytes[256];
  ssize_t count = recv(client->socket, bytes, sizeof bytes, MSG_DONTWAIT);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) {
    drop(client);
    return false;
  }
  bool end = false;
  for (ssize_t i = 0; i < count && client->socket >= 0; i++) {
    if (bytes[i] == '\n') {
      end |= answer_line(client);
    } else if (client->length < LINE_SIZE - 1) {
      client->line[client->length++] = bytes[i];
    }
  }
  return end;
}

bool control_serve(void) {
  if (listener < 0) {
    return false;
  }
  struct pollfd fds[1 + MAX_CLIENTS];
  fds[0] = (struct pollfd){listener, POLLIN, 0};
  for (int i = 0; i < MAX_CLIENTS; i++) {
    fds[1 + i] = (struct pollfd){clients[i].socket, POLLIN, 0};
  }
  if (poll(fds, 1 + MAX_CLIENTS, 0) <= 0) {
    return false;
  }
  bool end = false;
  for (int i = 0; i < MAX_CLIENTS; i++) {
    if (fds[1 + i].revents) {
      end |= serve_client(&clients[i]);
    }
  }
  if (fds[0].revents) {
    welcome();
  }
  return end;
}
