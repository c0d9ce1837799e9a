/* Cells as what they mean, by the type and format of their field. */
#include "standard/standard_impl.h"

#include <string.h>

enum { JSON_CELL_BYTES = 16 << 20, JSON_CELL_DEPTH = 64, NUMBER_BYTES = 400 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* ---- text ---- */

/* RFC 5321 in what people use: a dot-atom, and a domain of labels; or one beyond ASCII (RFC 6531).
 */
static bool is_email(pd_str s) {
    size_t at = pd_str_find_char(s, '@');
    if (at == PD_NPOS || at == 0 || at > 64 || s.len > 254)
        return false;
    pd_str local = pd_str_sub(s, 0, at), rest = pd_str_sub(s, at + 1, s.len), label;
    size_t labels = 0;
    for (size_t i = 0; i < local.len; i++) {
        char c = local.data[i];
        bool is_dot = c == '.' && i > 0 && i + 1 < local.len && local.data[i - 1] != '.';
        if (!is_dot && !is_letter(c) && !is_digit(c) && (unsigned char)c < 0x80 &&
            !(c != '\0' && strchr("!#$%&'*+/=?^_`{|}~-", c)))
            return false;
    }
    while (pd_str_split(&rest, '.', &label)) {
        if (label.len == 0 || label.len > 63 || label.data[0] == '-' ||
            label.data[label.len - 1] == '-')
            return false;
        for (size_t i = 0; i < label.len; i++)
            if (!is_letter(label.data[i]) && !is_digit(label.data[i]) && label.data[i] != '-' &&
                (unsigned char)label.data[i] < 0x80)
                return false;
        labels++;
    }
    return labels >= 2;
}

/* RFC 3986: a scheme, and behind it the characters that a URI may hold. */
static bool is_uri(pd_str s) {
    size_t colon = pd_str_find_char(s, ':');
    if (colon == PD_NPOS || colon == 0 || colon + 1 == s.len || !is_letter(s.data[0]))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        bool is_plain = is_letter(c) || is_digit(c);
        if (i < colon && !is_plain && !(c != '\0' && strchr("+-.", c)))
            return false;
        if (c == '%') {
            uint8_t byte;
            if (!pd_hex_decode(pd_str_sub(s, i + 1, 2), &byte, 1))
                return false;
        } else if (i > colon && !is_plain && !(c != '\0' && strchr(":/?#[]@!$&'()*+,;=-._~", c))) {
            return false;
        }
    }
    return true;
}

/* RFC 4648 section 4. */
static bool is_base64(pd_str s) {
    size_t end = s.len;
    while (end > 0 && s.len - end < 2 && s.data[end - 1] == '=')
        end--;
    for (size_t i = 0; i < end; i++)
        if (!is_letter(s.data[i]) && !is_digit(s.data[i]) && s.data[i] != '+' && s.data[i] != '/')
            return false;
    return s.len % 4 == 0;
}

static const char *read_string(const struct field *field, pd_str cell, struct value *out) {
    pd_id id;
    out->length = pd_utf8_length(cell);
    switch (field->format) {
    case FORMAT_EMAIL:
        return is_email(cell) ? NULL : "it is no e-mail address";
    case FORMAT_URI:
        return is_uri(cell) ? NULL : "it is no URI";
    case FORMAT_BINARY:
        return is_base64(cell) ? NULL : "it is not base64";
    case FORMAT_UUID:
        return pd_id_parse(cell, &id) ? NULL : "it is no UUID";
    default:
        return NULL;
    }
}

/* ---- numbers ---- */

/* Takes the marks off that a field allows around and within its numbers. */
static bool tidy(const struct field *field, pd_str cell, char out[NUMBER_BYTES], size_t *len) {
    size_t from = 0, to = cell.len;
    *len = 0;
    if (!field->is_bare) {
        while (from < to && !is_digit(cell.data[from]) && cell.data[from] != '-' &&
               cell.data[from] != '+' &&
               !(field->decimal_char.len == 1 && cell.data[from] == field->decimal_char.data[0]))
            from++;
        while (to > from && !is_digit(cell.data[to - 1]))
            to--;
    }
    for (size_t i = from; i < to;) {
        pd_str rest = pd_str_sub(cell, i, to - i);
        bool is_point = field->decimal_char.len > 0 && pd_str_starts(rest, field->decimal_char);
        bool is_group = field->group_char.len > 0 && pd_str_starts(rest, field->group_char);
        if (*len == NUMBER_BYTES)
            return false;
        if (is_group && !is_point) {
            if (*len == 0 || i + field->group_char.len >= to)
                return false;
            i += field->group_char.len;
            continue;
        }
        if (!is_point && rest.data[0] == '.')
            return false;
        out[(*len)++] = is_point ? '.' : rest.data[0];
        i += is_point ? field->decimal_char.len : 1;
    }
    return true;
}

static const char *read_number(const struct field *field, enum standard_type type, pd_str cell,
                               struct value *out) {
    static const struct {
        const char *text;
        int sign;
        char kind;
    } specials[] = {{"NaN", 1, 'N'}, {"INF", 1, 'I'}, {"-INF", -1, 'I'}};
    char text[NUMBER_BYTES];
    size_t len;
    for (size_t i = 0; type == STANDARD_NUMBER && i < 3; i++)
        if (pd_str_is(cell, specials[i].text)) {
            out->number = (struct decimal){.sign = specials[i].sign, .kind = specials[i].kind};
            return NULL;
        }
    if (!tidy(field, cell, text, &len))
        return cell.len >= NUMBER_BYTES ? "it is longer than a number may be" : "it is no number";
    pd_str tidied = {text, len};
    for (size_t i = 0; type == STANDARD_INTEGER && i < len; i++)
        if (!is_digit(text[i]) && !(i == 0 && (text[i] == '-' || text[i] == '+')))
            return "it is no whole number";
    const char *why = decimal_parse(tidied, &out->number);
    return why && type == STANDARD_INTEGER && cell.len <= DECIMAL_DIGITS ? "it is no whole number"
                                                                         : why;
}

static bool is_among(pd_str cell, const struct texts *texts) {
    for (size_t i = 0; i < texts->count; i++)
        if (pd_str_eq(cell, texts->list[i]))
            return true;
    return false;
}

static const char *read_boolean(const struct field *field, pd_str cell, struct value *out) {
    out->order = is_among(cell, &field->true_values);
    return out->order || is_among(cell, &field->false_values)
               ? NULL
               : "it is none of the words for true and false";
}

/* ---- structures ---- */

static bool read_json(pd_str cell, json_t **out) {
    struct pd_error ignored;
    return pd_json_parse(cell, JSON_CELL_BYTES, JSON_CELL_DEPTH, out, &ignored) == PD_OK;
}

static const char *read_object(pd_str cell, bool is_array, struct value *out) {
    json_t *json = NULL;
    bool is = read_json(cell, &json) && (is_array ? json_is_array(json) : json_is_object(json));
    if (is)
        out->length = is_array ? json_array_size(json) : json_object_size(json);
    json_decref(json);
    return is ? NULL : is_array ? "it is no JSON array" : "it is no JSON object";
}

static const char *const GEOMETRIES[] = {"Point",           "MultiPoint", "LineString",
                                         "MultiLineString", "Polygon",    "MultiPolygon"};

static bool is_position(const json_t *value) {
    size_t n = json_array_size(value);
    for (size_t i = 0; i < n; i++)
        if (!json_is_number(json_array_get(value, i)))
            return false;
    return n >= 2;
}

/* Positions nested as deep as the geometry wants: 0 is one position. */
static bool is_positions(const json_t *value, int depth) {
    if (depth == 0)
        return is_position(value);
    if (!json_is_array(value))
        return false;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!is_positions(json_array_get(value, i), depth - 1))
            return false;
    return true;
}

/* RFC 7946; as deep as the cell, which JSON_CELL_DEPTH bounds. */
static bool is_geojson(const json_t *json) {
    static const int depths[] = {0, 1, 1, 2, 2, 3};
    const char *type = json_string_value(json_object_get(json, "type"));
    if (!type)
        return false;
    for (size_t i = 0; i < sizeof(GEOMETRIES) / sizeof(GEOMETRIES[0]); i++) {
        const json_t *positions = json_object_get(json, "coordinates");
        if (strcmp(type, GEOMETRIES[i]) == 0)
            return json_is_array(positions) &&
                   (json_array_size(positions) == 0 || is_positions(positions, depths[i]));
    }
    if (strcmp(type, "Feature") == 0) {
        const json_t *geometry = json_object_get(json, "geometry");
        return json_is_null(geometry) || is_geojson(geometry);
    }
    bool is_features = strcmp(type, "FeatureCollection") == 0;
    if (!is_features && strcmp(type, "GeometryCollection") != 0)
        return false;
    const json_t *list = json_object_get(json, is_features ? "features" : "geometries");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!is_geojson(json_array_get(list, i)))
            return false;
    return json_is_array(list);
}

static const char *read_geojson(const struct field *field, pd_str cell) {
    json_t *json = NULL;
    bool is = read_json(cell, &json);
    if (is && field->format == FORMAT_TOPOJSON) {
        const char *type = json_string_value(json_object_get(json, "type"));
        is = type && strcmp(type, "Topology") == 0 &&
             json_is_object(json_object_get(json, "objects")) &&
             json_is_array(json_object_get(json, "arcs"));
    } else if (is) {
        is = is_geojson(json);
    }
    json_decref(json);
    return is ? NULL : field->format == FORMAT_TOPOJSON ? "it is no TopoJSON" : "it is no GeoJSON";
}

static const char *check_point(double lon, double lat) {
    return lon < -180 || lon > 180 ? "its longitude is beyond 180 degrees"
           : lat < -90 || lat > 90 ? "its latitude, the second number, is beyond 90 degrees"
                                   : NULL;
}

static const char *read_geopoint(const struct field *field, pd_str cell) {
    double lon = 0, lat = 0;
    if (field->format == FORMAT_DEFAULT) {
        size_t comma = pd_str_find_char(cell, ',');
        if (comma == PD_NPOS || !pd_parse_double(pd_str_trim(pd_str_sub(cell, 0, comma)), &lon) ||
            !pd_parse_double(pd_str_trim(pd_str_sub(cell, comma + 1, cell.len)), &lat))
            return "it is no point like 6.52, 53.22 (longitude, latitude)";
        return check_point(lon, lat);
    }
    json_t *json = NULL;
    bool is_array = field->format == FORMAT_ARRAY, is = read_json(cell, &json);
    const json_t *x = is_array ? json_array_get(json, 0) : json_object_get(json, "lon");
    const json_t *y = is_array ? json_array_get(json, 1) : json_object_get(json, "lat");
    is = is && json_is_number(x) && json_is_number(y) &&
         (is_array ? json_array_size(json) : json_object_size(json)) == 2;
    if (is) {
        lon = json_number_value(x);
        lat = json_number_value(y);
    }
    json_decref(json);
    return is         ? check_point(lon, lat)
           : is_array ? "it is no point like [6.52, 53.22]"
                      : "it is no point like {\"lon\": 6.52, \"lat\": 53.22}";
}

static const char *read_typed(const struct field *field, enum standard_type type, pd_str cell,
                              struct value *out);

static const char *read_list(const struct field *field, pd_str cell, struct value *out) {
    size_t count = 0, at = 0;
    while (at <= cell.len) {
        pd_str rest = pd_str_sub(cell, at, cell.len);
        size_t end = pd_str_find(rest, field->delimiter);
        struct value item = {0};
        pd_str piece = pd_str_sub(rest, 0, end == PD_NPOS ? rest.len : end);
        if (read_typed(field, field->item_type, piece, &item))
            return "an item of it is not of the type";
        count++;
        if (end == PD_NPOS)
            break;
        at += end + field->delimiter.len;
    }
    out->length = count;
    return NULL;
}

static const char *read_typed(const struct field *field, enum standard_type type, pd_str cell,
                              struct value *out) {
    bool is_item = field->type == STANDARD_LIST && type != STANDARD_LIST;
    switch (type) {
    case STANDARD_STRING:
        return is_item ? NULL : read_string(field, cell, out);
    case STANDARD_NUMBER:
    case STANDARD_INTEGER:
        return read_number(field, type, cell, out);
    case STANDARD_BOOLEAN:
        return read_boolean(field, cell, out);
    case STANDARD_OBJECT:
    case STANDARD_ARRAY:
        return read_object(cell, type == STANDARD_ARRAY, out);
    case STANDARD_LIST:
        return read_list(field, cell, out);
    case STANDARD_GEOPOINT:
        return read_geopoint(field, cell);
    case STANDARD_GEOJSON:
        return read_geojson(field, cell);
    case STANDARD_ANY:
    case STANDARD_TYPE_COUNT:
        return NULL;
    default:
        return moment_read(type, is_item ? FORMAT_DEFAULT : field->format, field->format_text, cell,
                           out);
    }
}

const char *value_read(const struct field *field, pd_str cell, struct value *out) {
    *out = (struct value){.type = field->type, .text = cell};
    return read_typed(field, field->type, cell, out);
}

bool value_is_missing(const struct field *field, pd_str cell) {
    return is_among(cell, &field->missing);
}

/* ---- comparing ---- */

static bool is_number(enum standard_type type) {
    return type == STANDARD_NUMBER || type == STANDARD_INTEGER;
}

bool value_has_order(enum standard_type type) {
    return is_number(type) || (type >= STANDARD_DATETIME && type <= STANDARD_DURATION);
}

enum order value_compare(const struct value *a, const struct value *b) {
    if (is_number(a->type))
        return (enum order)decimal_compare(&a->number, &b->number);
    if (a->type == STANDARD_DURATION)
        return moment_compare_durations(a, b);
    if (value_has_order(a->type) || a->type == STANDARD_BOOLEAN)
        return a->order < b->order ? LESS : a->order > b->order ? MORE : EQUAL;
    int by_bytes = pd_str_cmp(a->text, b->text);
    return by_bytes < 0 ? LESS : by_bytes > 0 ? MORE : EQUAL;
}

void value_key(const struct value *value, struct pd_buf *out) {
    const struct decimal *d = &value->number;
    json_t *json = NULL;
    struct pd_json w;
    if (is_number(value->type)) {
        pd_buf_printf(out, "%d%c%lld:", d->sign, d->kind ? d->kind : '.', (long long)d->exponent);
        pd_buf_add(out, d->digits, d->count);
    } else if (value_has_order(value->type) || value->type == STANDARD_BOOLEAN) {
        pd_buf_printf(out, "%lld/%lld", (long long)value->order, (long long)value->months);
    } else if (value->type >= STANDARD_OBJECT && value->type <= STANDARD_ARRAY &&
               read_json(value->text, &json)) {
        pd_json_init(&w, out, PD_JSON_CANONICAL);
        pd_json_value(&w, json);
        pd_json_clear(&w);
    } else {
        pd_buf_str(out, value->text);
    }
    json_decref(json);
}

bool value_meets_schema(const struct field *field, const struct value *value) {
    json_t *json = NULL;
    bool is = read_json(value->text, &json) && json_schema_is_met(field->json_schema, json);
    json_decref(json);
    return is;
}
