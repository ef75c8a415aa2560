// Records the operations of a process on the files of one folder, in order. From the records, a test
// derives what the disk would hold after a loss of power. Loaded with LD_PRELOAD.
//
// POWER_LOSS_FOLDER  the folder, as an absolute path
// POWER_LOSS_JOURNAL the file that the records are appended to
//
// A record is a header of four 64-bit integers (kind, file, offset, length) and `length` bytes.
// File numbers are never reused, so a file that is deleted and created again has another number.
// Syncs are recorded but not carried out: the test kills the process, not the machine.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN = 1, MAKE, WRITE, TRUNCATE, SYNC, SYNC_FOLDER, UNLINK, RENAME, LINK };
enum { FDS = 4096, FILES = 4096, FOLDER = -1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static size_t folder_length;
static int journal = -1;
static int64_t file_of[FDS];     // 0: not ours; FOLDER: the folder itself
static char *name_of[FILES];     // the name in the folder; NULL once it has none
static int64_t files;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  folder = getenv("POWER_LOSS_FOLDER");
  const char *path = getenv("POWER_LOSS_JOURNAL");
  if (!folder || !path) return;
  folder_length = strlen(folder);
  journal = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (journal < 0) abort();
}

static void record(enum kind kind, int64_t file, int64_t offset, const void *data, size_t length) {
  int64_t head[4] = {kind, file, offset, (int64_t)length};
  struct iovec parts[2] = {{head, sizeof head}, {(void *)data, length}};
  if (writev(journal, parts, 2) != (ssize_t)(sizeof head + length)) abort();
}

// The name of a file of the folder; NULL for any other path.
static const char *name_in_folder(const char *path) {
  if (journal < 0 || !path || strncmp(path, folder, folder_length) != 0) return NULL;
  return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

static int64_t find(const char *name) {
  for (int64_t file = files; file > 0; file--)
    if (name_of[file] && strcmp(name_of[file], name) == 0) return file;
  return 0;
}

static int64_t number(const char *name) {
  int64_t file = find(name);
  if (file) return file;
  if (++files >= FILES) abort();
  name_of[files] = strdup(name);
  return files;
}

static int64_t ours(int fd) { return journal >= 0 && fd >= 0 && fd < FDS ? file_of[fd] : 0; }

static int opened(const char *path, int flags, int is_new, int fd) {
  if (fd < 0 || fd >= FDS || journal < 0) return fd;
  const char *name = name_in_folder(path);
  if (path && strcmp(path, folder) == 0) file_of[fd] = FOLDER;
  if (!name) return fd;
  file_of[fd] = number(name);
  record(is_new ? MAKE : OPEN, file_of[fd], 0, name, strlen(name));
  if (flags & O_TRUNC) record(TRUNCATE, file_of[fd], 0, NULL, 0);
  return fd;
}

#define OPENED(path, flags, call)                                        \
  pthread_mutex_lock(&lock);                                                   \
  struct stat found;                                                           \
  int is_new = name_in_folder(path) && ((flags) & O_CREAT) && lstat(path, &found) != 0; \
  int fd = opened(path, flags, is_new, call);                                  \
  int error = errno;                                                           \
  pthread_mutex_unlock(&lock);                                                 \
  errno = error;                                                               \
  return fd

static mode_t mode_of(int flags, va_list arguments) {
  return flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN_FUNCTION(name)                                                    \
  int name(const char *path, int flags, ...) {                                 \
    va_list arguments;                                                         \
    va_start(arguments, flags);                                                \
    mode_t mode = mode_of(flags, arguments);                                   \
    va_end(arguments);                                                         \
    OPENED(path, flags, REAL(name)(path, flags, mode));                  \
  }

#define OPENAT_FUNCTION(name)                                                  \
  int name(int at, const char *path, int flags, ...) {                         \
    va_list arguments;                                                         \
    va_start(arguments, flags);                                                \
    mode_t mode = mode_of(flags, arguments);                                   \
    va_end(arguments);                                                         \
    OPENED(path, flags, REAL(name)(at, path, flags, mode));              \
  }

OPEN_FUNCTION(open)
OPEN_FUNCTION(open64)
OPENAT_FUNCTION(openat)
OPENAT_FUNCTION(openat64)

int close(int fd) {
  pthread_mutex_lock(&lock);
  if (ours(fd)) file_of[fd] = 0;
  int closed = REAL(close)(fd);
  pthread_mutex_unlock(&lock);
  return closed;
}

// The record is written before the call. So if the process is killed in between, it has not seen the
// call succeed.
#define RECORDED(fd, kind, offset, data, length, call)                         \
  do {                                                                         \
    if (ours(fd) <= 0) return call;                                            \
    pthread_mutex_lock(&lock);                                                 \
    record(kind, file_of[fd], offset, data, length);                           \
    __typeof__(call) done = call;                                              \
    int error = errno;                                                         \
    pthread_mutex_unlock(&lock);                                               \
    errno = error;                                                             \
    return done;                                                               \
  } while (0)

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset) {
  RECORDED(fd, WRITE, offset, data, length, REAL(pwrite)(fd, data, length, offset));
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset) {
  RECORDED(fd, WRITE, offset, data, length, REAL(pwrite64)(fd, data, length, offset));
}

ssize_t write(int fd, const void *data, size_t length) {
  RECORDED(fd, WRITE, lseek(fd, 0, SEEK_CUR), data, length, REAL(write)(fd, data, length));
}

int ftruncate(int fd, off_t length) {
  RECORDED(fd, TRUNCATE, length, NULL, 0, REAL(ftruncate)(fd, length));
}

int ftruncate64(int fd, off64_t length) {
  RECORDED(fd, TRUNCATE, length, NULL, 0, REAL(ftruncate64)(fd, length));
}

static int synced(int fd) {
  int64_t file = ours(fd);
  if (!file) return 0;
  pthread_mutex_lock(&lock);
  record(file == FOLDER ? SYNC_FOLDER : SYNC, file, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
  return 1;
}

int fsync(int fd) { return synced(fd) ? 0 : REAL(fsync)(fd); }

int fdatasync(int fd) { return synced(fd) ? 0 : REAL(fdatasync)(fd); }

int unlink(const char *path) {
  pthread_mutex_lock(&lock);
  int done = REAL(unlink)(path);
  int error = errno;
  const char *name = name_in_folder(path);
  int64_t file = name && done == 0 ? number(name) : 0;
  if (file) {
    record(UNLINK, file, 0, name, strlen(name));
    free(name_of[file]);
    name_of[file] = NULL;
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

int rename(const char *from, const char *to) {
  pthread_mutex_lock(&lock);
  int done = REAL(rename)(from, to);
  int error = errno;
  const char *old = name_in_folder(from), *new = name_in_folder(to);
  if (done == 0 && (old || new)) {
    if (!old || !new) abort(); // Nothing moves in or out while it is recorded.
    int64_t replaced = find(new);
    if (replaced) free(name_of[replaced]), name_of[replaced] = NULL;
    int64_t file = number(old);
    free(name_of[file]);
    name_of[file] = strdup(new);
    record(RENAME, file, 0, new, strlen(new));
  }
  pthread_mutex_unlock(&lock);
  errno = error;
  return done;
}

// The file gets the new name here. The old name is temporary and is deleted next.
static int linked(const char *from, const char *to, int done) {
  int error = errno;
  const char *old = name_in_folder(from), *new = name_in_folder(to);
  if (done == 0 && (old || new)) {
    if (!old || !new) abort();
    int64_t file = number(old);
    free(name_of[file]);
    name_of[file] = strdup(new);
    record(LINK, file, 0, new, strlen(new));
  }
  errno = error;
  return done;
}

int link(const char *from, const char *to) {
  pthread_mutex_lock(&lock);
  int done = linked(from, to, REAL(link)(from, to));
  pthread_mutex_unlock(&lock);
  return done;
}

int linkat(int at, const char *from, int to_at, const char *to, int flags) {
  pthread_mutex_lock(&lock);
  int done = linked(from, to, REAL(linkat)(at, from, to_at, to, flags));
  pthread_mutex_unlock(&lock);
  return done;
}
