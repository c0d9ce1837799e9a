/* A file on its way: written in staging/, made durable, then renamed to where it belongs. */
#include "store/store_impl.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum pd_status store_temp_open(struct store *store, mode_t rights, struct store_temp *temp,
                               struct pd_error *err) {
    *temp = (struct store_temp){.fd = -1, .name = "staging/"};
    /* Only who holds the lock may stage, be it by another handle: the next holder clears what it
     * finds. */
    if (store->lock_fd < 0 && store->mode != STORE_BESIDE)
        return pd_fail(err, PD_DENIED, "%s was opened for reading only", store->folder);
    uint8_t random[16];
    crypto_random(random, sizeof(random));
    pd_hex_encode(random, sizeof(random), temp->name + strlen(temp->name));
    temp->fd = openat(store->folder_fd, temp->name,
                      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, rights);
    if (temp->fd < 0)
        return pd_fail_errno(err, PD_IO, "make %s/%s", store->folder, temp->name);
    return PD_OK;
}

enum pd_status store_temp_write(struct store_temp *temp, const void *bytes, size_t n,
                                struct pd_error *err) {
    const char *at = bytes;
    while (n > 0) {
        ssize_t written = write(temp->fd, at, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return pd_fail_errno(err, PD_IO, "write %s", temp->name);
        at += written;
        n -= (size_t)written;
    }
    return PD_OK;
}

enum pd_status store_temp_sync(struct store_temp *temp, struct pd_error *err) {
    if (fsync(temp->fd) != 0)
        return pd_fail_errno(err, PD_IO, "make %s durable", temp->name);
    return PD_OK;
}

enum pd_status store_temp_place(struct store *store, struct store_temp *temp, int dir_fd,
                                const char *name, struct pd_error *err) {
    enum pd_status st = store_temp_sync(temp, err);
    if (st != PD_OK)
        return st;
    if (renameat(store->folder_fd, temp->name, dir_fd, name) != 0)
        return pd_fail_errno(err, PD_IO, "rename %s to \"%s\"", temp->name, name);
    close(temp->fd);
    temp->fd = -1;
    if (fsync(dir_fd) != 0)
        return pd_fail_errno(err, PD_IO, "make the name \"%s\" durable", name);
    return PD_OK;
}

void store_temp_discard(struct store *store, struct store_temp *temp) {
    if (temp->fd < 0)
        return;
    close(temp->fd);
    temp->fd = -1;
    unlinkat(store->folder_fd, temp->name, 0); /* if it stays, the next opening clears it */
}

enum pd_status store_staging_clear(struct store *store, struct pd_error *err) {
    int fd = openat(store->folder_fd, "staging", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (dir == NULL) {
        enum pd_status st = pd_fail_errno(err, PD_IO, "open %s/staging", store->folder);
        if (fd >= 0)
            close(fd);
        return st;
    }
    enum pd_status st = PD_OK;
    const struct dirent *entry;
    while (st == PD_OK && (errno = 0, entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlinkat(fd, entry->d_name, 0) != 0)
            st = pd_fail_errno(err, PD_IO, "clear %s/staging/%s", store->folder, entry->d_name);
    }
    if (st == PD_OK && errno != 0)
        st = pd_fail_errno(err, PD_IO, "list %s/staging", store->folder);
    closedir(dir);
    return st;
}
