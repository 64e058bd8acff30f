/* Reads and writes what was not granted. */
#include "attacks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

static long read_from(int fd) {
  char byte;
  long result = fd < 0 ? -errno : outcome(read(fd, &byte, 1));
  if (fd >= 0) close(fd);
  return result;
}

static long read_path(const char *path) { return read_from(open(path, O_RDONLY)); }
static long write_path(const char *path, int flags) {
  int fd = open(path, O_WRONLY | flags, 0600);
  long result = fd < 0 ? -errno : outcome(write(fd, "x", 1));
  if (fd >= 0) close(fd);
  return result;
}

/* format: one %s for a path, or one %d for a process */
static const char *path_of(const char *format, const char *text) {
  static char path[2 * PATH_BYTES];
  snprintf(path, sizeof path, "%s%s", format, text);
  return path;
}
static const char *process_path(int pid, const char *rest) {
  static char path[2 * PATH_BYTES];
  snprintf(path, sizeof path, "/proc/%d%s", pid, rest);
  return path;
}
static const char *in_folder(const char *folder, const char *name) {
  static char paths[2][2 * PATH_BYTES];
  static int turn;
  turn = !turn;
  snprintf(paths[turn], sizeof paths[turn], "%s/%s", folder, name);
  return paths[turn];
}
static const char *new_in_data(const target *t, const char *name) {
  const char *path = in_folder(t->data, name);
  int fd = open(path, O_WRONLY | O_CREAT, 0600);
  if (fd >= 0) close(fd);
  return path;
}

ATTACK(read_open) { return read_path(t->secret); }
ATTACK(read_relative) {
  int root = open("/", O_PATH | O_DIRECTORY);
  long result = read_from(openat(root, t->secret + 1, O_RDONLY));
  close(root);
  return result;
}
ATTACK(read_reopened) {
  char link[64];
  int fd = open(t->secret, O_PATH);
  long result;
  if (fd < 0) return -errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  result = read_path(link);
  close(fd);
  return result;
}
ATTACK(read_own_root) { return read_path(path_of("/proc/self/root", t->secret)); }
ATTACK(read_own_cwd) {
  char before[PATH_BYTES];
  long result;
  if (getcwd(before, sizeof before) == NULL || chdir(t->folder) != 0) return -errno;
  result = read_path(path_of("/proc/self/cwd", strrchr(t->secret, '/')));
  return chdir(before) == 0 ? result : -errno;
}
ATTACK(read_symlink) {
  const char *link = in_folder(t->data, "read-symlink");
  return symlink(t->secret, link) == 0 ? read_path(link) : -errno;
}
ATTACK(read_hard_link) {
  const char *name = in_folder(t->data, "read-hard-link");
  return link(t->secret, name) == 0 ? read_path(name) : -errno;
}
ATTACK(read_moved) {
  const char *name = in_folder(t->data, "read-moved");
  return rename(t->secret, name) == 0 ? read_path(name) : -errno;
}
ATTACK(read_link_of_descriptor) {
  char link[64];
  const char *name = in_folder(t->data, "read-descriptor");
  int fd = open(t->secret, O_PATH);
  long result;
  if (fd < 0) return -errno;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  result = outcome(linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW));
  close(fd);
  return result == 0 ? read_path(name) : result;
}
ATTACK(read_mapped) {
  void *at;
  int fd = open(t->secret, O_RDONLY);
  if (fd < 0) return -errno;
  at = mmap(NULL, 1, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  return at == MAP_FAILED ? -errno : (munmap(at, 1), 0);
}
ATTACK(read_sendfile) {
  int both[2];
  long result;
  int fd = open(t->secret, O_RDONLY);
  if (fd < 0) return -errno;
  if (pipe(both) != 0) return -errno;
  result = outcome(sendfile(both[1], fd, NULL, 1));
  close(fd);
  close(both[0]);
  close(both[1]);
  return result;
}
ATTACK(read_openat2) {
  uint64_t how[3] = {O_RDONLY, 0, 0};
  return read_from((int)syscall(437, AT_FDCWD, t->secret, how, sizeof how));
}
ATTACK(read_handle) {
  union {
    struct file_handle handle;
    unsigned char bytes[sizeof(struct file_handle) + 128];
  } h;
  int mount, root, fd;
  memset(&h, 0, sizeof h);
  h.handle.handle_bytes = 128;
  if (name_to_handle_at(AT_FDCWD, t->secret, &h.handle, &mount, 0) != 0) return -errno;
  root = open(t->folder, O_RDONLY | O_DIRECTORY);
  fd = open_by_handle_at(root, &h.handle, O_RDONLY);
  if (root >= 0) close(root);
  return read_from(fd);
}
ATTACK(list_folder) {
  DIR *folder = opendir(t->folder);
  long result = folder == NULL ? -errno : readdir(folder) != NULL ? 0 : -ENOENT;
  if (folder != NULL) closedir(folder);
  return result;
}
ATTACK(list_home) {
  int fd = open("/root", O_RDONLY | O_DIRECTORY);
  if (fd < 0) fd = open("/home", O_RDONLY | O_DIRECTORY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(list_temporary) {
  int fd = open("/tmp", O_RDONLY | O_DIRECTORY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(read_passwd) { return read_path("/etc/passwd"); }
ATTACK(read_hostname) { return read_path("/etc/hostname"); }
ATTACK(read_other_environ) { return read_path(process_path(t->pid, "/environ")); }
ATTACK(read_other_maps) { return read_path(process_path(t->pid, "/maps")); }
ATTACK(read_other_memory) {
  int fd = open(process_path(t->pid, "/mem"), O_RDONLY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(read_other_cmdline) { return read_path(process_path(t->pid, "/cmdline")); }
ATTACK(read_other_root) {
  char prefix[64];
  snprintf(prefix, sizeof prefix, "/proc/%d/root", t->pid);
  return read_path(path_of(prefix, t->secret));
}
ATTACK(list_other_descriptors) {
  int fd = open(process_path(t->pid, "/fd"), O_RDONLY | O_DIRECTORY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(open_other_descriptor) {
  int fd = open(process_path(t->pid, "/fd/0"), O_RDONLY | O_NONBLOCK);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(list_processes) {
  int fd = open("/proc", O_RDONLY | O_DIRECTORY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(read_connections) { return read_path("/proc/self/net/tcp"); }
ATTACK(read_own_state) { return read_path("/proc/self/stat"); }
ATTACK(read_memory_facts) { return read_path("/proc/meminfo"); }
ATTACK(read_own_environ) { return read_path("/proc/self/environ"); }
ATTACK(read_mounts) { return read_path("/proc/self/mountinfo"); }
ATTACK(read_kernel_log) {
  int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(read_disk) {
  int fd = open("/dev/vda", O_RDONLY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(open_neither) {
  int fd = open(t->secret, O_NEITHER);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(write_append) { return write_path(t->secret, O_APPEND); }
ATTACK(write_new) { return write_path(in_folder(t->folder, "new"), O_CREAT | O_EXCL); }
ATTACK(write_unnamed) { return write_path(t->folder, O_TMPFILE); }
ATTACK(write_temporary) {
  char path[] = "/tmp/attacker-XXXXXX";
  int fd = mkstemp(path);
  if (fd < 0) return -errno;
  unlink(path);
  return outcome(close(fd));
}
ATTACK(write_truncate) { return outcome(truncate(t->secret, 0)); }
ATTACK(write_open_truncate) {
  int fd = open(t->secret, O_RDONLY | O_TRUNC);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(write_creat) {
  int fd = creat(t->secret, 0600);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(write_own_folder) { return write_path(t->own, O_APPEND); }
ATTACK(truncate_own_folder) { return outcome(truncate(t->own, 1)); }
ATTACK(make_folder) { return outcome(mkdir(in_folder(t->folder, "made"), 0700)); }
ATTACK(remove_folder) { return outcome(rmdir(in_folder(t->folder, "empty"))); }
ATTACK(remove_file) { return outcome(unlink(t->secret)); }
ATTACK(remove_at) { return outcome(unlinkat(AT_FDCWD, in_folder(t->folder, "empty"), AT_REMOVEDIR)); }
ATTACK(rename_inside) { return outcome(rename(t->secret, in_folder(t->folder, "renamed"))); }
ATTACK(rename_over) { return outcome(rename(new_in_data(t, "rename-over"), t->secret)); }
ATTACK(rename_exchange) { return CALL(SYS_renameat2, AT_FDCWD, new_in_data(t, "exchange"), AT_FDCWD, t->secret, 2); }
ATTACK(link_out) { return outcome(link(new_in_data(t, "link-out"), in_folder(t->folder, "linked"))); }
ATTACK(symlink_out) { return outcome(symlink("/etc", in_folder(t->folder, "link"))); }
ATTACK(make_fifo) { return outcome(mkfifo(in_folder(t->folder, "fifo"), 0600)); }
ATTACK(make_device) { return outcome(mknod(in_folder(t->data, "device"), S_IFBLK | 0600, 0)); }
ATTACK(make_character_device) { return outcome(mknod(in_folder(t->data, "character-device"), S_IFCHR | 0600, 0x103)); }
ATTACK(write_through_link) {
  const char *link = in_folder(t->data, "write-link");
  return symlink(t->secret, link) == 0 ? write_path(link, O_APPEND) : -errno;
}
ATTACK(write_core_pattern) {
  int fd = open("/proc/sys/kernel/core_pattern", O_WRONLY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(write_oom_score) {
  int fd = open(process_path(t->pid, "/oom_score_adj"), O_WRONLY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(write_own_oom_score) {
  int fd = open("/proc/self/oom_score_adj", O_WRONLY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(write_other_name) {
  int fd = open(process_path(t->pid, "/comm"), O_WRONLY);
  return fd < 0 ? -errno : outcome(close(fd));
}
ATTACK(write_cgroup) {
  int fd = open("/sys/fs/cgroup/memory/cgroup.procs", O_WRONLY);
  if (fd < 0) fd = open("/sys/fs/cgroup/cgroup.procs", O_WRONLY);
  return fd < 0 ? -errno : outcome(close(fd));
}

const attack FILE_ATTACKS[] = {
    {"read", read_open}, {"read relative to /", read_relative}, {"read by reopening a path descriptor", read_reopened}, {"read by /proc/self/root", read_own_root},
    {"read by /proc/self/cwd", read_own_cwd}, {"read by a symbolic link", read_symlink}, {"read by a hard link", read_hard_link},
    {"read after moving it", read_moved}, {"read by a link to a descriptor", read_link_of_descriptor}, {"read by mmap", read_mapped},
    {"read by sendfile", read_sendfile}, {"read by openat2", read_openat2}, {"read by a file handle", read_handle}, {"list a folder", list_folder},
    {"list the home folder", list_home}, {"list /tmp", list_temporary}, {"read the users", read_passwd}, {"read the name of the machine", read_hostname},
    {"read another environment", read_other_environ}, {"read another map of memory", read_other_maps}, {"open another memory", read_other_memory},
    {"read another command line", read_other_cmdline}, {"read by another root", read_other_root}, {"list other descriptors", list_other_descriptors},
    {"open another descriptor", open_other_descriptor}, {"list processes", list_processes}, {"read the system's connections", read_connections},
    {"read the environment before it was reduced", read_own_environ}, {"read the mounts", read_mounts}, {"open the kernel's log", read_kernel_log},
    {"open the disk", read_disk}, {"open for neither reading nor writing", open_neither}, {"append", write_append}, {"make a file", write_new},
    {"make a file without a name", write_unnamed}, {"make a file in /tmp", write_temporary}, {"truncate", write_truncate},
    {"truncate by opening for reading", write_open_truncate}, {"truncate by creat", write_creat}, {"write to the plugin's folder", write_own_folder},
    {"truncate in the plugin's folder", truncate_own_folder}, {"make a folder", make_folder}, {"remove a folder", remove_folder}, {"remove a file", remove_file},
    {"remove by unlinkat", remove_at}, {"rename", rename_inside}, {"rename over", rename_over}, {"exchange", rename_exchange}, {"make a hard link", link_out},
    {"make a symbolic link", symlink_out}, {"make a fifo", make_fifo}, {"make a device", make_device}, {"make a character device", make_character_device}, {"write by a symbolic link", write_through_link},
    {"open the core pattern for writing", write_core_pattern}, {"open another OOM score", write_oom_score}, {"open the own OOM score", write_own_oom_score},
    {"open another name of a process", write_other_name}, {"open a control group for writing", write_cgroup}, {NULL, NULL},
};

/* For limits. */
ATTACK(open_many) {
  int fds[600], count = 0, i;
  long result = 0;
  for (; count < 600 && result == 0; count++) {
    fds[count] = open("/dev/null", O_RDONLY);
    if (fds[count] < 0) result = -errno;
  }
  for (i = 0; i < count; i++)
    if (fds[i] >= 0) close(fds[i]);
  return result;
}
ATTACK(write_long) {
  static char block[1 << 16];
  int fd = open(in_folder(t->data, "long"), O_WRONLY | O_CREAT, 0600), i;
  long result = fd < 0 ? -errno : 0;
  for (i = 0; i < 32 && result == 0; i++) result = outcome(write(fd, block, sizeof block));
  if (fd >= 0) close(fd);
  return result;
}

/* Returns the limit, not an error. */
ATTACK(core_limit) {
  struct rlimit limit;
  (void)t;
  if (getrlimit(RLIMIT_CORE, &limit) != 0) return -errno;
  return limit.rlim_max > 1000000 ? 1000000 : (long)limit.rlim_max;
}
static long reserve(size_t bytes, int how, int protection) {
  void *area = mmap(NULL, bytes, protection, MAP_ANONYMOUS | MAP_NORESERVE | how, -1, 0);
  if (area == MAP_FAILED) return -errno;
  return outcome(munmap(area, bytes));
}
ATTACK(reserve_private) { (void)t; return reserve((size_t)2 << 30, MAP_PRIVATE, PROT_READ | PROT_WRITE); }
ATTACK(reserve_shared) { (void)t; return reserve((size_t)2 << 30, MAP_SHARED, PROT_READ | PROT_WRITE); }
/* Uses memory until the limit of a control group ends the process. */
ATTACK(use_memory) {
  const size_t bytes = (size_t)1 << 30;
  char *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  (void)t;
  if (area == MAP_FAILED) return -errno;
  memset(area, 1, bytes);
  return outcome(munmap(area, bytes));
}

const attack ALLOWED[] = {
    {"read the own state", read_own_state}, {"read facts about the memory", read_memory_facts}, {"open 600 files", open_many},
    {"write 2 MiB", write_long}, {"show the limit on core files", core_limit},
    {"reserve 2 GiB", reserve_private}, {"reserve 2 GiB of shared memory", reserve_shared}, {"use 1 GiB", use_memory}, {NULL, NULL},
};
