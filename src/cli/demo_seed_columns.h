/** Part of demo_seed*.c: the columns of each table; each ends in SEED_END. */
#ifndef POLDER_CLI_DEMO_SEED_COLUMNS_H
#define POLDER_CLI_DEMO_SEED_COLUMNS_H

#include "cli/demo_seed.h"

extern const struct seed_column seed_marriages[];
extern const struct seed_column seed_elder_homes[];
extern const struct seed_column seed_ridership[];
extern const struct seed_column seed_road_works[];
extern const struct seed_column seed_tolls[];
extern const struct seed_column seed_inspections[];
extern const struct seed_column seed_disease[];
extern const struct seed_column seed_hospitals[];
extern const struct seed_column seed_beds[];
extern const struct seed_column seed_schools[];
extern const struct seed_column seed_pupils[];
extern const struct seed_column seed_school_buses[];
extern const struct seed_column seed_employment[];
extern const struct seed_column seed_vacancies[];
extern const struct seed_column seed_insured[];
extern const struct seed_column seed_house_sales[];
extern const struct seed_column seed_managers[];
extern const struct seed_column seed_river_levels[];
extern const struct seed_column seed_water_quality[];
extern const struct seed_column seed_abstraction[];
extern const struct seed_column seed_air[];
extern const struct seed_column seed_discharge[];
extern const struct seed_column seed_noise[];
extern const struct seed_column seed_output[];
extern const struct seed_column seed_prices[];
extern const struct seed_column seed_population[];
extern const struct seed_column seed_accidents[];
extern const struct seed_column seed_reports[];
extern const struct seed_column seed_tax[];
extern const struct seed_column seed_arrears[];
extern const struct seed_column seed_invoices[];
extern const struct seed_column seed_services[];
extern const struct seed_column seed_hotline[];
extern const struct seed_column seed_intakes[];

#endif
