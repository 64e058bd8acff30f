/* Reaches somebody over a socket. */
#include "attacks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

static struct sockaddr_in local(int port) {
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_port = htons((unsigned short)port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}
static struct sockaddr_un at_path(const char *path) {
  struct sockaddr_un address;
  memset(&address, 0, sizeof address);
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path, strnlen(path, sizeof address.sun_path - 1));
  return address;
}
/* Runs with a socket, and closes it. */
static long with(int fd, long result) {
  if (fd >= 0) close(fd);
  return result;
}
static long make(int family, int type, int protocol) {
  int fd = socket(family, type, protocol);
  return fd < 0 ? -errno : outcome(close(fd));
}

ATTACK(connect_tcp) {
  struct sockaddr_in to = local(t->port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 ? -errno : with(fd, outcome(connect(fd, (struct sockaddr *)&to, sizeof to)));
}
ATTACK(connect_tcp6) {
  struct sockaddr_in6 to;
  int fd = socket(AF_INET6, SOCK_STREAM, 0);
  memset(&to, 0, sizeof to);
  to.sin6_family = AF_INET6;
  to.sin6_port = htons((unsigned short)t->port);
  to.sin6_addr.s6_addr[10] = to.sin6_addr.s6_addr[11] = 0xff; /* ::ffff:127.0.0.1 */
  to.sin6_addr.s6_addr[12] = 127;
  to.sin6_addr.s6_addr[15] = 1;
  return fd < 0 ? -errno : with(fd, outcome(connect(fd, (struct sockaddr *)&to, sizeof to)));
}
ATTACK(connect_without_waiting) {
  struct sockaddr_in to = local(t->port);
  struct pollfd waits;
  int error = 0;
  socklen_t length = sizeof error;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS) return with(fd, -errno);
  waits.fd = fd;
  waits.events = POLLOUT;
  poll(&waits, 1, 10000);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
  return with(fd, -error);
}
static void *connect_there(void *target_) {
  const target *t = (const target *)target_;
  return connect_tcp(t) == 0 ? target_ : NULL;
}
ATTACK(connect_on_thread) {
  pthread_t thread;
  void *result = NULL;
  if (pthread_create(&thread, NULL, connect_there, (void *)(size_t)t) != 0) return -EAGAIN;
  pthread_join(thread, &result);
  return result != NULL ? 0 : -EACCES;
}

ATTACK(connect_in_child) {
  int status = -1;
  pid_t pid = fork();
  if (pid == 0) {
    struct sockaddr_in to = local(t->port), peer;
    socklen_t length = sizeof peer;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    dup2(fd, 77); /* a number that is no socket of the parent */
    _exit(connect(77, (struct sockaddr *)&to, sizeof to) == 0 && getpeername(77, (struct sockaddr *)&peer, &length) == 0 ? 0 : 1);
  }
  if (pid < 0 || waitpid(pid, &status, 0) != pid) return -errno;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EACCES;
}

/* The address that is checked and the one that is used: `pid` is the port that was not granted. */
static struct sockaddr_in changing;
static volatile int is_over;
static void *change(void *ports) {
  while (!is_over) {
    changing.sin_port = ((unsigned short *)ports)[0];
    changing.sin_port = ((unsigned short *)ports)[1];
  }
  return NULL;
}
ATTACK(connect_while_changing) {
  unsigned short ports[2];
  pthread_t thread;
  int i;
  long result = -EACCES;
  ports[0] = htons((unsigned short)t->port);
  ports[1] = htons((unsigned short)t->pid);
  changing = local(t->port);
  is_over = 0;
  if (pthread_create(&thread, NULL, change, ports) != 0) return -EAGAIN;
  for (i = 0; i < 500 && result != 0; i++) {
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) continue;
    if (connect(fd, (struct sockaddr *)&changing, sizeof changing) == 0 && getpeername(fd, (struct sockaddr *)&peer, &length) == 0 && peer.sin_port == ports[1]) result = 0;
    close(fd);
  }
  is_over = 1;
  pthread_join(thread, NULL);
  return result;
}
ATTACK(fast_open) {
  struct sockaddr_in to = local(t->port);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 ? -errno : with(fd, outcome(sendto(fd, "x", 1, MSG_FASTOPEN, (struct sockaddr *)&to, sizeof to)));
}
ATTACK(fast_open_message) {
  struct sockaddr_in to = local(t->port);
  struct iovec part = {(void *)"x", 1};
  struct msghdr message;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  memset(&message, 0, sizeof message);
  message.msg_name = &to;
  message.msg_namelen = sizeof to;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return fd < 0 ? -errno : with(fd, outcome(sendmsg(fd, &message, MSG_FASTOPEN)));
}
ATTACK(send_udp) {
  struct sockaddr_in to = local(t->port);
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  return fd < 0 ? -errno : with(fd, outcome(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to)));
}
ATTACK(listen_bound) {
  struct sockaddr_in to = local(0);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return -errno;
  if (bind(fd, (struct sockaddr *)&to, sizeof to) != 0) return with(fd, -errno);
  return with(fd, outcome(listen(fd, 1)));
}
ATTACK(listen_bare) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  return fd < 0 ? -errno : with(fd, outcome(listen(fd, 1)));
}
ATTACK(connect_unix) {
  struct sockaddr_un to = at_path(t->socket);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd < 0 ? -errno : with(fd, outcome(connect(fd, (struct sockaddr *)&to, sizeof to)));
}
ATTACK(connect_abstract) { /* nobody listens there: ECONNREFUSED once the kernel has looked */
  struct sockaddr_un to = at_path("");
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  memcpy(to.sun_path + 1, "aisopod-none", 12);
  return fd < 0 ? -errno : with(fd, reached(connect(fd, (struct sockaddr *)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 13)), ECONNREFUSED));
}
ATTACK(send_unix) {
  struct sockaddr_un to = at_path(t->socket);
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0); /* a stream listens there: EPROTOTYPE once it was found */
  return fd < 0 ? -errno : with(fd, reached(sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof to), EPROTOTYPE));
}
ATTACK(bind_unix) {
  char path[PATH_BYTES + 8];
  struct sockaddr_un to;
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  strcpy(path, t->data);
  strcat(path, "/s");
  to = at_path(path);
  return fd < 0 ? -errno : with(fd, outcome(bind(fd, (struct sockaddr *)&to, sizeof to)));
}
static long pair(int type, const target *t) {
  struct sockaddr_un to = at_path(t->socket);
  int both[2];
  long result;
  if (socketpair(AF_UNIX, type, 0, both) != 0) return -errno;
  result = reached(sendto(both[0], "x", 1, 0, (struct sockaddr *)&to, sizeof to), type == SOCK_DGRAM ? EPROTOTYPE : EISCONN);
  close(both[0]);
  close(both[1]);
  return result;
}
ATTACK(pair_of_datagrams) { return pair(SOCK_DGRAM, t); }
ATTACK(pair_of_packets) {
  int both[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, both) != 0) return -errno;
  close(both[0]);
  return outcome(close(both[1]));
}
ATTACK(reconnect_pair) {
  struct sockaddr_un to = at_path(t->socket);
  int both[2];
  long result;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, both) != 0) return -errno;
  result = reached(connect(both[0], (struct sockaddr *)&to, sizeof to), EISCONN);
  close(both[0]);
  close(both[1]);
  return result;
}
ATTACK(attach_filter) {
  struct {
    unsigned short length;
    const void *at;
  } program = {1, "\x06\0\0\0\xff\xff\xff\xff"};
  int both[2];
  long result;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, both) != 0) return -errno;
  result = outcome(setsockopt(both[0], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
  close(both[0]);
  close(both[1]);
  return result;
}
ATTACK(netlink) { return make(AF_NETLINK, SOCK_RAW, 0); }
ATTACK(packets) { return make(AF_PACKET, SOCK_RAW, 0); }
ATTACK(raw_icmp) { return make(AF_INET, SOCK_RAW, 1); }
ATTACK(ping) { return make(AF_INET, SOCK_DGRAM, 1); }
ATTACK(multipath) { return make(AF_INET, SOCK_STREAM, 262); }
ATTACK(sctp) { return make(AF_INET, SOCK_STREAM, 132); }
ATTACK(vsock) { return make(AF_VSOCK, SOCK_STREAM, 0); }
ATTACK(crypto) { return make(AF_ALG, SOCK_SEQPACKET, 0); }
ATTACK(bluetooth) { return make(AF_BLUETOOTH, SOCK_RAW, 1); }
ATTACK(xdp) { return make(44, SOCK_RAW, 0); }

const attack NETWORK_ATTACKS[] = {
    {"connect by TCP", connect_tcp}, {"connect by TCP over IPv6", connect_tcp6}, {"connect by TCP without waiting", connect_without_waiting},
    {"connect on a thread", connect_on_thread}, {"connect in another process", connect_in_child}, {"connect while the address changes", connect_while_changing}, {"fast open by sendto", fast_open}, {"fast open by sendmsg", fast_open_message},
    {"send by UDP", send_udp}, {"listen", listen_bound}, {"listen without a port", listen_bare}, {"connect to a local socket", connect_unix},
    {"connect to an abstract socket", connect_abstract}, {"send to a local socket", send_unix}, {"offer a local socket", bind_unix},
    {"send by a pair of datagram sockets", pair_of_datagrams}, {"make a pair of packet sockets", pair_of_packets}, {"connect a pair again", reconnect_pair},
    {"attach a filter to a socket", attach_filter}, {"netlink", netlink}, {"packets", packets}, {"raw ICMP", raw_icmp}, {"ping", ping},
    {"MPTCP", multipath}, {"SCTP", sctp}, {"vsock", vsock}, {"crypto sockets", crypto}, {"Bluetooth", bluetooth}, {"XDP", xdp}, {NULL, NULL},
};
