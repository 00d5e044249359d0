/* Loaded into the pages: while the file FAULTS_WHILE is there, one in FAULTS_ONE_IN writes and flushes of the database's
   files fails as a bad disk makes them fail. One letter a call is noted in FAULTS_LOG: "." for well, "x" for failed. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(name, ...) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

static int fails(int file) {
    const char *during = getenv("FAULTS_WHILE"), *database = getenv("FAULTS_DATABASE"), *log = getenv("FAULTS_LOG"),
               *one_in = getenv("FAULTS_ONE_IN");
    char link[64], path[4096];
    if (!during || !database || !log || !one_in || access(during, F_OK) != 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    const char *rest = path + strlen(database);
    if (strncmp(path, database, strlen(database)) != 0) return 0;
    if (*rest && strncmp(rest, "-wal", 4) != 0 && strncmp(rest, "-journal", 8) != 0) return 0;
    int unlucky = rand() % atoi(one_in) == 0, notes = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (notes >= 0) {
        if (REAL(write, notes, unlucky ? "x" : ".", 1) < 0) unlucky = 0;
        close(notes);
    }
    if (unlucky) errno = EIO;
    return unlucky;
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t at) {
    return fails(file) ? -1 : REAL(pwrite, file, bytes, size, at);
}
ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at) {
    return fails(file) ? -1 : REAL(pwrite64, file, bytes, size, at);
}
ssize_t write(int file, const void *bytes, size_t size) { return fails(file) ? -1 : REAL(write, file, bytes, size); }
int fsync(int file) { return fails(file) ? -1 : REAL(fsync, file); }
int fdatasync(int file) { return fails(file) ? -1 : REAL(fdatasync, file); }
int ftruncate(int file, off_t size) { return fails(file) ? -1 : REAL(ftruncate, file, size); }
int ftruncate64(int file, off64_t size) { return fails(file) ? -1 : REAL(ftruncate64, file, size); }
