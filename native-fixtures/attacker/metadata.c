/* Changes what belongs to a file beside its content, and watches. Landlock sees none of it. */
#include "attacks.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>

static const struct timespec LONG_AGO[2] = {{1, 0}, {1, 0}};
static const struct timeval OLD[2] = {{1, 0}, {1, 0}};

/* Runs with a descriptor, and closes it. */
static long with(int fd, long (*run)(int fd)) {
  long result = fd < 0 ? -errno : run(fd);
  if (fd >= 0) close(fd);
  return result;
}
static long change_mode(int fd) { return outcome(fchmod(fd, 0644)); }
static long change_owner(int fd) { return outcome(fchown(fd, getuid(), getgid())); }
static long change_times(int fd) { return outcome(futimens(fd, LONG_AGO)); }
static long change_attribute(int fd) { return outcome(fsetxattr(fd, "user.attacker", "x", 1, 0)); }
static long change_flags(int fd) {
  int flags = 0x40; /* no dump */
  return outcome(ioctl(fd, 0x40086602ul, &flags));
}
static long take_lease(int fd) { return outcome(fcntl(fd, F_SETLEASE, F_RDLCK)); }
static long be_notified(int fd) { return outcome(fcntl(fd, F_NOTIFY, DN_MODIFY)); }

ATTACK(mode) { return outcome(chmod(t->secret, 0666)); }
ATTACK(mode_at) { return CALL(SYS_fchmodat, AT_FDCWD, t->secret, 0666); }
ATTACK(mode_at2) { return CALL(452, AT_FDCWD, t->secret, 0666, 0); }
ATTACK(mode_of_neither) { return with(open(t->secret, O_NEITHER), change_mode); }
ATTACK(mode_of_own) { return with(open(t->own, O_RDONLY), change_mode); }
ATTACK(owner) { return outcome(chown(t->secret, getuid(), getgid())); }
ATTACK(owner_of_link) { return outcome(lchown(t->secret, getuid(), getgid())); }
ATTACK(owner_at) { return outcome(fchownat(AT_FDCWD, t->secret, getuid(), getgid(), 0)); }
ATTACK(owner_of_own) { return with(open(t->own, O_RDONLY), change_owner); }
ATTACK(times) { return outcome(utimes(t->secret, OLD)); }
ATTACK(times_at) { return outcome(utimensat(AT_FDCWD, t->secret, LONG_AGO, 0)); }
ATTACK(times_of_neither) { return with(open(t->secret, O_NEITHER), change_times); }
ATTACK(times_of_own) { return with(open(t->own, O_RDONLY), change_times); }
ATTACK(attribute) { return outcome(setxattr(t->secret, "user.attacker", "x", 1, 0)); }
ATTACK(attribute_of_link) { return outcome(lsetxattr(t->secret, "user.attacker", "x", 1, 0)); }
ATTACK(attribute_of_own) { return with(open(t->own, O_RDONLY), change_attribute); }
ATTACK(attribute_at) {
  struct {
    unsigned long long value;
    unsigned size, flags;
  } args = {(unsigned long long)(size_t) "x", 1, 0};
  return CALL(463, AT_FDCWD, t->secret, 0, "user.attacker", &args, sizeof args);
}
ATTACK(remove_attribute) { return reached(removexattr(t->secret, "user.none"), ENODATA); }
ATTACK(read_attribute) { return reached(getxattr(t->secret, "user.none", NULL, 0), ENODATA); }
ATTACK(flags_of_own) { return with(open(t->own, O_RDONLY), change_flags); }
ATTACK(lease) { return with(open(t->own, O_RDONLY), take_lease); }
ATTACK(notify) { return with(open(t->folder, O_RDONLY | O_DIRECTORY), be_notified); }
ATTACK(watch) {
  int fd = inotify_init1(0);
  long result = fd < 0 ? -errno : outcome(inotify_add_watch(fd, t->folder, IN_ALL_EVENTS));
  if (fd >= 0) close(fd);
  return result;
}
ATTACK(watch_all) {
  long fd = syscall(SYS_fanotify_init, 0x200 /* FAN_REPORT_FID */, 0);
  return fd < 0 ? -errno : outcome(close((int)fd));
}

const attack METADATA_ATTACKS[] = {
    {"chmod", mode}, {"fchmodat", mode_at}, {"fchmodat2", mode_at2}, {"fchmod of what is open for neither", mode_of_neither}, {"fchmod of a file to read", mode_of_own},
    {"chown", owner}, {"lchown", owner_of_link}, {"fchownat", owner_at}, {"fchown of a file to read", owner_of_own}, {"utimes", times}, {"utimensat", times_at},
    {"futimens of what is open for neither", times_of_neither}, {"futimens of a file to read", times_of_own}, {"setxattr", attribute},
    {"lsetxattr", attribute_of_link}, {"fsetxattr of a file to read", attribute_of_own}, {"setxattrat", attribute_at}, {"removexattr", remove_attribute},
    {"getxattr", read_attribute}, {"set the flags of a file to read", flags_of_own}, {"take a lease on a file to read", lease},
    {"be notified of a folder", notify}, {"watch a folder", watch}, {"watch the file system", watch_all}, {NULL, NULL},
};
