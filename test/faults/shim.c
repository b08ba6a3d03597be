/*
 * Faults of a disk, put between a program and libc with LD_PRELOAD. Only files whose path contains COFFER_FAULT_PATH are
 * touched. What happens is read at each call from a file of four 32-bit numbers shared with the test, COFFER_FAULTS:
 *   0  errno of every write, 0 for none     1  errno of every fsync, 0 for none
 *   2  not 0: the next write of many bytes reaches the file by half, and the process is killed
 *   3  calls that failed so far
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITE_ERROR, FSYNC_ERROR, TORN_WRITE, FAILED, WORDS };
static const size_t many_bytes = 512;

static volatile int *faults;
static const char *fault_path;

__attribute__((constructor)) static void start(void) {
  const char *file = getenv("COFFER_FAULTS");
  fault_path = getenv("COFFER_FAULT_PATH");
  if (file == NULL || fault_path == NULL) return;
  int fd = open(file, O_RDWR);
  if (fd < 0) return;
  void *shared = mmap(NULL, WORDS * sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (shared != MAP_FAILED) faults = shared;
}

static int touched(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, fault_path) != NULL;
}

/* The errno that this call must fail with, or 0. */
static int fault(int kind, int fd) {
  if (faults == NULL || faults[kind] == 0 || !touched(fd)) return 0;
  __sync_fetch_and_add((int *)&faults[FAILED], 1);
  return faults[kind];
}

static int torn(int fd, size_t count) {
  return faults != NULL && faults[TORN_WRITE] != 0 && count >= many_bytes && touched(fd);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define SYNC(name)                                \
  int name(int fd) {                              \
    int error = fault(FSYNC_ERROR, fd);           \
    if (error != 0) { errno = error; return -1; } \
    return REAL(name)(fd);                        \
  }
SYNC(fsync)
SYNC(fdatasync)

#define WRITE_AT(name, offset_type)                                             \
  ssize_t name(int fd, const void *bytes, size_t count, offset_type offset) {   \
    int error = fault(WRITE_ERROR, fd);                                         \
    if (error != 0) { errno = error; return -1; }                               \
    if (torn(fd, count)) {                                                      \
      (void)!REAL(name)(fd, bytes, count / 2, offset);                          \
      kill(getpid(), SIGKILL);                                                  \
    }                                                                           \
    return REAL(name)(fd, bytes, count, offset);                                \
  }
WRITE_AT(pwrite, off_t)
WRITE_AT(pwrite64, off64_t)

ssize_t write(int fd, const void *bytes, size_t count) {
  int error = fault(WRITE_ERROR, fd);
  if (error != 0) { errno = error; return -1; }
  if (torn(fd, count)) {
    (void)!REAL(write)(fd, bytes, count / 2);
    kill(getpid(), SIGKILL);
  }
  return REAL(write)(fd, bytes, count);
}
