/* Objects of the system that processes of one user share. */
#include "attacks.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#define QUEUE "aisopod-attacker"
#define NAME "/" QUEUE

ATTACK(system_v_memory) {
  int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  return id < 0 ? -errno : outcome(shmctl(id, IPC_RMID, NULL));
}
ATTACK(attach_memory) { return reached((long)(size_t)shmat(-1, NULL, 0), EINVAL); }
ATTACK(list_memory) {
  struct shminfo info;
  return outcome(shmctl(0, 3 /* IPC_INFO */, (struct shmid_ds *)&info));
}
ATTACK(system_v_semaphore) {
  int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
  return id < 0 ? -errno : outcome(semctl(id, 0, IPC_RMID));
}
ATTACK(use_semaphore) {
  struct sembuf step = {0, 1, 0};
  return reached(semop(-1, &step, 1), EINVAL);
}
ATTACK(system_v_queue) {
  int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  return id < 0 ? -errno : outcome(msgctl(id, IPC_RMID, NULL));
}
ATTACK(send_to_queue) {
  struct {
    long type;
    char text[1];
  } message = {1, {0}};
  return reached(msgsnd(-1, &message, 1, IPC_NOWAIT), EINVAL);
}
ATTACK(posix_memory) {
  int fd = shm_open(NAME, O_RDWR | O_CREAT, 0600);
  if (fd < 0) return -errno;
  close(fd);
  return outcome(shm_unlink(NAME));
}
ATTACK(posix_semaphore) {
  sem_t *made = sem_open(NAME, O_CREAT, 0600, 1);
  if (made == SEM_FAILED) return -errno;
  sem_close(made);
  return outcome(sem_unlink(NAME));
}
ATTACK(posix_queue) {
  long queue = syscall(SYS_mq_open, QUEUE, O_RDWR | O_CREAT, 0600, NULL);
  if (queue < 0) return -errno;
  close((int)queue);
  return CALL(SYS_mq_unlink, QUEUE);
}
ATTACK(unlink_queue) { return reached(syscall(SYS_mq_unlink, "aisopod-none"), ENOENT); }
ATTACK(add_key) { return CALL(SYS_add_key, "user", "aisopod-attacker", "x", 1, KEY_SPEC_PROCESS_KEYRING); }
ATTACK(request_key) { return reached(syscall(SYS_request_key, "user", "aisopod-none", NULL, 0), ENOKEY); }
ATTACK(list_keys) { return CALL(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_USER_SESSION_KEYRING, 0); }

const attack SHARED_ATTACKS[] = {
    {"System V memory", system_v_memory}, {"attach System V memory", attach_memory}, {"list System V memory", list_memory},
    {"System V semaphores", system_v_semaphore}, {"use a System V semaphore", use_semaphore}, {"System V queues", system_v_queue},
    {"send to a System V queue", send_to_queue}, {"POSIX memory", posix_memory}, {"POSIX semaphores", posix_semaphore}, {"POSIX queues", posix_queue},
    {"unlink a POSIX queue", unlink_queue}, {"add a key", add_key}, {"request a key", request_key}, {"the keys of the session", list_keys}, {NULL, NULL},
};
