/* A folder of law packs: which there are, and the pages that stand beside the policies. */
#include "cli/cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PACKS_MAX = 256, PAGE_MAX = 8 << 20 };

static int by_name(const void *a, const void *b) {
    return pd_str_cmp(*(const pd_str *)a, *(const pd_str *)b);
}

/* Its folders with a manifest but for the node's own. */
static enum pd_status find_packs(struct cli *cli, const char *folder, DIR *dir, pd_str *packs,
                                 size_t *count, struct pd_error *err) {
    for (struct dirent *entry; (entry = readdir(dir));) {
        struct stat info;
        pd_str path = pd_arena_printf(cli->arena, "%s/%s/manifest.json", folder, entry->d_name);
        if (!path.data)
            return pd_fail_memory(err);
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "node") == 0 ||
            stat(path.data, &info) != 0)
            continue;
        if (*count == PACKS_MAX)
            return pd_fail(err, PD_LIMIT, "\"%s\" holds more than %d packs", folder, PACKS_MAX);
        packs[*count] = pd_arena_str(cli->arena, pd_str_from(entry->d_name));
        if (!packs[(*count)++].data)
            return pd_fail_memory(err);
    }
    return PD_OK;
}

enum pd_status cli_packs_list(struct cli *cli, const char *folder, pd_str *out,
                              struct pd_error *err) {
    pd_str packs[PACKS_MAX], list = {NULL, 0}; /* no name, rather than one empty name */
    size_t count = 0;
    DIR *dir = opendir(folder);
    if (!dir)
        return pd_fail_errno(err, errno == ENOENT ? PD_NOT_FOUND : PD_IO,
                             "open the folder of rules \"%s\"", folder);
    enum pd_status st = find_packs(cli, folder, dir, packs, &count, err);
    closedir(dir);
    if (st != PD_OK)
        return st;
    if (count > 1)
        qsort(packs, count, sizeof(*packs), by_name);
    for (size_t i = 0; i < count; i++) {
        list =
            pd_arena_printf(cli->arena, "%.*s%s%.*s", pd_arg(list), i ? "," : "", pd_arg(packs[i]));
        if (!list.data)
            return pd_fail_memory(err);
    }
    *out = list;
    return PD_OK;
}

enum pd_status cli_pack_page(struct cli *cli, const char *folder, pd_str pack, const char *name,
                             pd_str *path, pd_str *text, struct pd_error *err) {
    pd_str whole = pd_arena_printf(cli->arena, "%s/%.*s/%s", folder, pd_arg(pack), name);
    *path = pd_arena_printf(cli->arena, "%.*s/%s", pd_arg(pack), name);
    if (!whole.data || !path->data)
        return pd_fail_memory(err);
    return cli_file_read(cli, whole.data, PAGE_MAX, text, err);
}
