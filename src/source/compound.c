/*
 * OLE compound files (MS-CFB): a file system of sectors in a file, in which old Office documents
 * are streams. One stream is read whole into memory; every chain is followed at most as long as the
 * file has sectors, so that a loop ends.
 */
#include "source/source_impl.h"
#include <string.h>

enum {
    HEADER = 512,
    ENTRY = 128,
    IN_HEADER = 109,         /* sectors of the FAT that the header itself lists */
    FREE_SECTOR = 0xfffffffa /* from here on no sector: end of chain, free, FAT, DIFAT */
};
static const char DAMAGED[] = "its compound file is damaged (%s)";

struct compound {
    pd_str bytes;
    size_t sector, mini_sector;                   /* sizes in bytes */
    uint32_t cutoff;                              /* shorter streams lie in the mini stream */
    struct pd_buf fat, mini_fat, directory, mini; /* each read whole */
};

static uint32_t u16(pd_str s, size_t at) {
    return (uint32_t)(unsigned char)s.data[at] | (uint32_t)(unsigned char)s.data[at + 1] << 8;
}

static uint32_t u32(pd_str s, size_t at) {
    return u16(s, at) | u16(s, at + 2) << 16;
}

/* The bytes of a sector; shorter at the end of a file that was cut off there. */
static pd_str sector_of(const struct compound *c, uint32_t n) {
    uint64_t at = HEADER + (uint64_t)n * c->sector;
    if (c->sector > HEADER)
        at = ((uint64_t)n + 1) * c->sector;
    return at >= c->bytes.len ? (pd_str){NULL, 0} : pd_str_sub(c->bytes, (size_t)at, c->sector);
}

static enum pd_status read_fat(struct compound *c, struct pd_error *err) {
    uint32_t next = u32(c->bytes, 0x44);
    size_t most = c->bytes.len / c->sector + 1, left = u32(c->bytes, 0x2c);
    if (left > most)
        return pd_fail(err, PD_INVALID, DAMAGED, "its allocation table is larger than the file");
    for (size_t i = 0; i < IN_HEADER && left > 0; i++, left--)
        pd_buf_str(&c->fat, sector_of(c, u32(c->bytes, 0x4c + 4 * i)));
    for (size_t turn = 0; left > 0 && next < FREE_SECTOR; turn++) {
        pd_str list = sector_of(c, next);
        if (list.len < c->sector || turn > most)
            return pd_fail(err, PD_INVALID, DAMAGED, "its allocation table is cut off");
        for (size_t i = 0; i + 1 < c->sector / 4 && left > 0; i++, left--)
            pd_buf_str(&c->fat, sector_of(c, u32(list, 4 * i)));
        next = u32(list, c->sector - 4);
    }
    return pd_buf_check(&c->fat, err);
}

/* A chain of sectors, or (of the mini stream) of small ones; at most `size` bytes. */
static enum pd_status read_chain(struct compound *c, uint32_t first, uint64_t size, bool is_mini,
                                 struct pd_buf *out, struct pd_error *err) {
    pd_str table = pd_buf_view(is_mini ? &c->mini_fat : &c->fat), mini = pd_buf_view(&c->mini);
    size_t most = table.len / 4;
    uint32_t at = first;
    for (size_t turn = 0; at < FREE_SECTOR && out->len < size; turn++) {
        pd_str piece = is_mini ? pd_str_sub(mini, (size_t)at * c->mini_sector, c->mini_sector)
                               : sector_of(c, at);
        uint64_t left = size - out->len;
        if (at >= most || turn > most || piece.len == 0)
            return pd_fail(err, PD_INVALID, DAMAGED,
                           "a stream leads out of the file, or in a loop");
        pd_buf_str(out, pd_str_sub(piece, 0, left < piece.len ? (size_t)left : piece.len));
        at = u32(table, 4 * (size_t)at);
    }
    return pd_buf_check(out, err);
}

/* A name of the directory is UTF-16LE; those that are asked for are ASCII. */
static bool is_named(pd_str entry, const char *name) {
    size_t n = strlen(name);
    if (u16(entry, 64) != 2 * (n + 1))
        return false;
    for (size_t i = 0; i < n; i++)
        if (u16(entry, 2 * i) != (unsigned char)name[i])
            return false;
    return true;
}

/* The entry of that name and type (2: a stream, 5: the root); no data: there is none. */
static pd_str find_entry(const struct compound *c, const char *name, int type) {
    pd_str all = pd_buf_view(&c->directory);
    for (size_t at = 0; at + ENTRY <= all.len; at += ENTRY) {
        pd_str entry = pd_str_sub(all, at, ENTRY);
        if (entry.data[66] == type && (name == NULL || is_named(entry, name)))
            return entry;
    }
    return (pd_str){NULL, 0};
}

static enum pd_status open_compound(struct compound *c, struct pd_error *err) {
    unsigned shift = c->bytes.len >= HEADER ? u16(c->bytes, 0x1e) : 0,
             mini_shift = shift ? u16(c->bytes, 0x20) : 0;
    if ((shift != 9 && shift != 12) || mini_shift > shift)
        return pd_fail(err, PD_INVALID, DAMAGED, "its header is cut off, or of another kind");
    c->sector = (size_t)1 << shift;
    c->mini_sector = (size_t)1 << mini_shift;
    c->cutoff = u32(c->bytes, 0x38);
    enum pd_status st = read_fat(c, err);
    if (st == PD_OK)
        st = read_chain(c, u32(c->bytes, 0x30), UINT64_MAX, false, &c->directory, err);
    if (st == PD_OK)
        st = read_chain(c, u32(c->bytes, 0x3c), UINT64_MAX, false, &c->mini_fat, err);
    pd_str root = st == PD_OK ? find_entry(c, NULL, 5) : (pd_str){NULL, 0};
    if (st == PD_OK && root.data == NULL)
        return pd_fail(err, PD_INVALID, DAMAGED, "its directory is missing");
    return st == PD_OK ? read_chain(c, u32(root, 116), u32(root, 120), false, &c->mini, err) : st;
}

enum pd_status source_compound_read(pd_str bytes, const char *name, struct pd_buf *out,
                                    struct pd_buf *directory, struct pd_error *err) {
    struct compound c = {.bytes = bytes};
    struct pd_buf *const all[] = {&c.fat, &c.mini_fat, &c.directory, &c.mini};
    for (size_t i = 0; i < 4; i++)
        pd_buf_init(all[i], bytes.len + HEADER);
    enum pd_status st = open_compound(&c, err);
    pd_str entry = st == PD_OK ? find_entry(&c, name, 2) : (pd_str){NULL, 0};
    pd_buf_str(directory, pd_buf_view(&c.directory));
    if (st == PD_OK && entry.data == NULL)
        st = pd_fail(err, PD_NOT_FOUND, "it holds no \"%s\"", name);
    if (st == PD_OK)
        st = read_chain(&c, u32(entry, 116), u32(entry, 120), u32(entry, 120) < c.cutoff, out, err);
    for (size_t i = 0; i < 4; i++)
        pd_buf_clear(all[i]);
    return st;
}
