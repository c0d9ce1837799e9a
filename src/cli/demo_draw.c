/* What the columns of one row agree on, drawn before any of them is written. */
#include "cli/demo_impl.h"

#include <stdlib.h>

/* The tables describe the world as of this day, so that they don't change with the calendar. */
enum { TODAY = 20453, /* 2025-12-31 */ FIRST_ISSUE = 16436, /* 2015-01-01 */ YEAR_START = 20089 };
/* The month of the trips: 31 days from Saturday, 2025-03-01. */
enum { TRIPS_START = 20148, TRIPS_DAYS = 31 };
enum { DAY_SECONDS = 86400, HOUR_SECONDS = 3600 };

struct demo_random cli_demo_stream(uint64_t seed, uint64_t place, uint64_t number) {
    struct demo_random random = {seed};
    random.state = cli_demo_next(&random) ^ place;
    random.state = cli_demo_next(&random) ^ number;
    random.state = cli_demo_next(&random);
    return random;
}

uint64_t cli_demo_next(struct demo_random *random) {
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint32_t cli_demo_below(struct demo_random *random, uint32_t n) {
    return (uint32_t)(((cli_demo_next(random) >> 32) * n) >> 32);
}

static int below(struct demo_random *random, int n) {
    return (int)cli_demo_below(random, (uint32_t)n);
}

const struct demo_word *cli_demo_draw(struct demo_random *random, enum demo_list_id id, int group) {
    const struct demo_list *list = &cli_demo_lists[id];
    uint32_t total = 0;
    for (size_t i = 0; i < list->count; i++)
        total += list->words[i].weight[group];
    uint32_t at = cli_demo_below(random, total);
    const struct demo_word *word = list->words;
    for (; at >= word->weight[group]; word++)
        at -= word->weight[group];
    return word;
}

static uint8_t place_of(enum demo_list_id id, const struct demo_word *word) {
    return (uint8_t)(word - cli_demo_lists[id].words);
}

static const struct demo_word *pick(struct demo_row *row, struct demo_random *random,
                                    enum demo_list_id id, int group) {
    const struct demo_word *word = cli_demo_draw(random, id, group);
    row->picked[id] = place_of(id, word);
    return word;
}

static enum demo_stage stage_of(int age) {
    static const int begins[] = {
        [DEMO_CHILD] = 6, [DEMO_TEEN] = 12, [DEMO_ADULT] = 18, [DEMO_OLD] = 60};
    enum demo_stage stage = DEMO_INFANT;
    while (stage < DEMO_OLD && age >= begins[stage + 1])
        stage++;
    return stage;
}

/** Sex, name, age and home of the entity. */
static void draw_person(struct demo_row *row) {
    struct demo_random *life = &row->life;
    pick(row, life, DEMO_SEX, 0);
    pick(row, life, DEMO_SURNAME, 0);
    enum demo_list_id given = row->picked[DEMO_SEX] == 0 ? DEMO_GIVEN_FEMALE : DEMO_GIVEN_MALE;
    pick(row, life, given, 0);
    row->has_second_given = below(life, 100) < 82;
    row->second_given = place_of(given, cli_demo_draw(life, given, 0));
    const struct demo_word *ages = pick(row, life, DEMO_AGES, 0);
    int age = ages->amount + below(life, ages->to - ages->amount);
    /* 1461 days in four years, rounded up: nobody is younger than `age` or a year older. */
    row->birth = TODAY - (age * 1461 + 3) / 4 - below(life, 365);
    row->stage = stage_of(age);
    pick(row, life, DEMO_DISTRICT, 0);
}

static int same_day_of_a_later_year(int day, int years) {
    struct pd_civil civil = pd_time_civil(day * PD_DAY);
    civil.year += years;
    if (!pd_civil_is_date(civil.year, civil.month, civil.day))
        civil.day = 28;
    pd_time t = 0;
    (void)pd_civil_time(civil, &t); /* a date, as was just made sure */
    return (int)(t / PD_DAY);
}

void cli_demo_draw_permit(struct demo_row *row) {
    draw_person(row); /* the legal representative */
    pick(row, &row->life, DEMO_INDUSTRY, 0);
    for (int i = 0; i < 2; i++)
        row->brand[i] = place_of(DEMO_BRAND, cli_demo_draw(&row->life, DEMO_BRAND, 0));
    /* The later of two days: more permits are recent. */
    int days = TODAY - FIRST_ISSUE + 1;
    int one = below(&row->row, days), other = below(&row->row, days);
    row->from = FIRST_ISSUE + (one > other ? one : other);
    int years = pick(row, &row->row, DEMO_VALIDITY, 0)->amount;
    row->until = same_day_of_a_later_year(row->from, years) - 1;
    pick(row, &row->row, DEMO_STATUS, row->until < TODAY);
}

/** The group of the list of occupations. */
static int occupations_of(enum demo_stage stage, int tier) {
    enum { BEFORE_SCHOOL, AT_SCHOOL, WORKING, OLD = WORKING + 3 };
    if (stage == DEMO_ADULT)
        return WORKING + tier;
    return stage == DEMO_OLD ? OLD : stage == DEMO_INFANT ? BEFORE_SCHOOL : AT_SCHOOL;
}

void cli_demo_draw_resident(struct demo_row *row) {
    enum { EARNS_NOTHING = 3 };
    draw_person(row);
    struct demo_random *life = &row->life;
    row->has_moved = below(life, 100) < 64;
    pick(row, life, DEMO_REGISTERED, 0);
    pick(row, life, DEMO_STREET, 0);
    const int houses[3] = {180, 12, 32};
    for (int i = 0; i < 3; i++)
        row->house[i] = (uint32_t)below(life, houses[i]) + 1;
    int tier = pick(row, life, DEMO_EDUCATION, (int)row->stage)->amount;
    pick(row, life, DEMO_OCCUPATION, occupations_of(row->stage, tier));
    pick(row, life, DEMO_MARITAL, (int)row->stage);
    pick(row, life, DEMO_HOUSEHOLD, (int)row->stage);
    pick(row, life, DEMO_INCOME, row->stage < DEMO_ADULT ? EARNS_NOTHING : tier);
}

void cli_demo_draw_visit(struct demo_row *row) {
    draw_person(row);
    pick(row, &row->life, DEMO_INSURANCE, (int)row->stage);
    /* Half of the visits of a person are for what that person always has. */
    const struct demo_word *usual = cli_demo_draw(&row->life, DEMO_DIAGNOSIS, (int)row->stage);
    const struct demo_word *diagnosis = pick(row, &row->row, DEMO_DIAGNOSIS, (int)row->stage);
    if (below(&row->row, 2) == 0)
        diagnosis = usual;
    row->picked[DEMO_DIAGNOSIS] = place_of(DEMO_DIAGNOSIS, diagnosis);
    int first = row->birth > YEAR_START ? row->birth : YEAR_START;
    row->from = first + below(&row->row, TODAY - first + 1);
    /* 40 to 240 hundredths of the usual cost, low ones oftener; yuan times hundredths are fen. */
    int part = 40 + below(&row->row, 201) * below(&row->row, 201) / 200;
    row->fen = diagnosis->amount * part;
}

/** Yuan for tenths of a kilometre: 2 for the first 4 km, then 1 more for each 4, from 12 km on
 * each 6. */
static int fare_of(int distance) {
    int further = distance - 40;
    if (further <= 0)
        return 2;
    int near = further < 80 ? further : 80;
    return 2 + (near + 39) / 40 + (further - near + 59) / 60;
}

/** Where this card goes at this hour: between home and work when people do, else anywhere. */
static void draw_stations(struct demo_row *row, bool is_weekend, int hour) {
    enum { HOMES, WORK };
    const int groups[2] = {HOMES, WORK};
    bool is_commuter = below(&row->life, 100) < 68, is_homeward = hour >= 16;
    uint8_t usual[2];
    for (int i = 0; i < 2; i++)
        usual[i] = place_of(DEMO_STATION, cli_demo_draw(&row->life, DEMO_STATION, groups[i]));
    bool is_usual = is_commuter && !is_weekend && (hour < 10 || (hour >= 16 && hour < 21));
    for (int i = 0; i < 2; i++) {
        uint8_t any = place_of(DEMO_STATION, cli_demo_draw(&row->row, DEMO_STATION, below(&row->row, 2)));
        row->station[i] = is_usual ? usual[is_homeward ? 1 - i : i] : any;
    }
    if (row->station[0] == row->station[1])
        row->station[1] = (uint8_t)((row->station[1] + 1) % cli_demo_lists[DEMO_STATION].count);
}

void cli_demo_draw_trip(struct demo_row *row) {
    const struct demo_word *ticket = pick(row, &row->life, DEMO_TICKET, 0);
    int day = below(&row->row, TRIPS_DAYS);
    bool is_weekend = day % 7 < 2;
    int hour = pick(row, &row->row, DEMO_HOUR, is_weekend)->amount;
    draw_stations(row, is_weekend, hour);
    const struct demo_word *stations = cli_demo_lists[DEMO_STATION].words;
    int distance = abs(stations[row->station[0]].amount - stations[row->station[1]].amount);
    row->in = (int64_t)(TRIPS_START + day) * DAY_SECONDS + (int64_t)hour * HOUR_SECONDS +
              below(&row->row, HOUR_SECONDS);
    /* Eleven seconds for each hundred metres, and the way to the train and from it. */
    row->out = row->in + 150 + (int64_t)distance * 11 + below(&row->row, 420);
    row->fen = fare_of(distance) * ticket->amount;
    row->is_open_trip = below(&row->row, 250) == 0; /* left by an open gate, without a record */
}
