#include "ctl/screen.h"

#include <criterion/criterion.h>
#include <string.h>

/* A view as GET /api/v1/nodes/<id> gives it, cut down to what is drawn. */
static const char view[] =
    "{\"now\":\"2026-11-24T01:00:04.111Z\",\"head\":{\"id\":\"line-a\",\"name\":\"Line A\","
    "\"stale_after_ms\":15000,\"demand\":{\"power_kw\":81.25,\"forecast_kw\":92.5,"
    "\"contract_kw\":90,\"over\":true},\"summary\":{\"units\":2,\"stale\":1},\"windows\":{"
    "\"hour\":{\"classes\":[{\"class\":\"equipment\",\"lead\":\"time_utilization\",\"status\":"
    "\"met\","
    "\"indicators\":[{\"id\":\"time_utilization\",\"unit\":\"1\",\"value\":0.5}]}]},"
    "\"shift\":{\"classes\":[{\"class\":\"equipment\",\"lead\":\"time_utilization\",\"missing\":"
    "null,"
    "\"status\":\"not_met\",\"indicators\":[{\"id\":\"time_utilization\",\"unit\":\"1\","
    "\"value\":0.655,\"norm\":{\"value\":0.8},\"reason\":null}]},"
    "{\"class\":\"consumption\",\"lead\":\"energy_per_good\",\"missing\":\"no_meter\","
    "\"status\":\"no_data\",\"indicators\":[{\"id\":\"energy_per_good\",\"unit\":\"kWh\","
    "\"value\":null,\"norm\":null}]}]}}},"
    "\"tiles\":[{\"id\":\"line-a\",\"level\":\"line\"},"
    "{\"id\":\"press-1\",\"level\":\"unit\",\"state\":\"delay\",\"cause\":\"starved\","
    "\"since_ms\":1000,\"asof_ms\":301000,\"age_ms\":2000,\"stale\":false,"
    "\"time_utilization\":0.655,\"energy_per_good\":0.1234,\"good\":265},"
    "{\"id\":\"pack-1\",\"level\":\"unit\",\"state\":\"production\",\"cause\":null,\"since_ms\":"
    "1000,"
    "\"asof_ms\":61000,\"age_ms\":19000,\"stale\":true,\"time_utilization\":null,\"gauges\":[{"
    "\"id\":"
    "\"seal-temp\",\"unit_text\":\"degC\",\"value\":182.4,\"age_ms\":7000,\"stale\":false},{\"id\":"
    "\"air\",\"unit_text\":\"bar\",\"value\":null,\"age_ms\":null,\"stale\":true}]}]}";

static char *draw(const struct screen_conf *conf, const char *text) {
    struct json_value *root = NULL;
    struct buf out;
    char *copy = NULL;
    buf_init(&out);
    cr_assert_not(json_parse(span_str(text), NULL, &root, NULL));
    if (screen_render(root, conf, &out) == ERR_OK)
        copy = strndup((const char *)out.p, out.n);
    json_close(root);
    buf_fini(&out);
    return copy;
}

static void expect_line(const struct screen_conf *conf, const char *part) {
    char *text = draw(conf, view);
    cr_assert_not_null(text);
    cr_expect_not_null(strstr(text, part), "no \"%s\" in\n%s", part, text);
    free(text);
}

static const struct screen_conf wide = {.width = 120};

Test(screen, the_title_tells_time_units_and_stale_ones) {
    expect_line(&wide, "Line A  2026-11-24 01:00:04 UTC  2 units, 1 stale\n");
}

Test(screen, a_class_shows_hour_shift_and_norm) {
    expect_line(&wide,
                "equipment    not met  time_utilization               50.0 %         65.5 %  "
                "80.0 %\n");
}

Test(screen, the_forecast_stands_against_the_contract) {
    expect_line(&wide,
                "demand       81.2 kW, 15 min forecast 92.5 of 90.0 kW, over the contract\n");
}

Test(screen, a_missing_class_is_shown_with_its_reason) {
    expect_line(&wide, "consumption  no data  energy_per_good");
    expect_line(&wide, "–  no_meter\n");
}

Test(screen, a_unit_shows_state_since_age_and_values) {
    /* 301 s - 1 s = 5 min in this state. */
    expect_line(
        &wide,
        "press-1        delay/starved                2 s   5 min   65.5 %        –     0.123");
}

Test(screen, a_stale_unit_says_so_with_its_age) {
    expect_line(&wide, "pack-1         stale: production           19 s");
}

Test(screen, ages_go_on_while_no_answer_comes) {
    const struct screen_conf later = {.width = 120, .since_ms = 16000, .trouble = "refused"};
    expect_line(&later, "no answer for 16 s: refused\n");
    /* 2 s + 16 s: over the limit of 15 s. */
    expect_line(&later, "press-1        stale: delay/starved        18 s");
    expect_line(&later, "pack-1         stale: production           35 s");
}

Test(screen, stale_rows_are_dim_in_colour) {
    const struct screen_conf colour = {.width = 120, .colour = true};
    expect_line(&colour, "\033[2mpack-1\033[0m");
    expect_line(&colour, "\033[33mstale: production\033[0m");
    expect_line(&colour, "\033[33m19 s\033[0m");
    expect_line(&colour, "\033[31mnot met\033[0m");
}

Test(screen, no_line_is_wider_than_the_terminal) {
    const struct screen_conf narrow = {.width = 48};
    char *text = draw(&narrow, view);
    cr_assert_not_null(text);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        size_t columns = 0;
        for (const char *p = line; *p; p++)
            columns += (*p & 0xc0) != 0x80; /* bytes that begin a character */
        cr_expect_leq(columns, 48, "%s", line);
    }
    free(text);
}

Test(screen, a_narrow_terminal_without_colours_shows_what_is_stale) {
    const struct screen_conf narrow = {.width = 40};
    expect_line(&narrow, "pack-1         stale: production\n");
    expect_line(&narrow, "Line A  01:00:04 UTC  2 units, 1 stale\n");
    /* Class, status and the shift's figure; the name of the indicator and the hour give way. */
    expect_line(&narrow, "equipment    not met           65.5 %\n");
}

Test(screen, classes_are_not_judged_on_old_figures) {
    const struct screen_conf later = {.width = 120, .since_ms = 16000, .trouble = "refused"};
    expect_line(&later, "equipment    stale    time_utilization");
    const struct screen_conf soon = {.width = 120, .since_ms = 14000, .trouble = "refused"};
    expect_line(&soon, "equipment    not met  time_utilization");
}

Test(screen, what_no_plant_file_names_is_shown) {
    static const char site[] =
        "{\"now\":\"2026-11-24T01:00:04.111Z\",\"head\":{\"name\":\"Works\",\"unassigned\":"
        "{\"signals\":3,\"units\":[{\"unit\":\"press-9\",\"agent\":\"gw-a\",\"signals\":2},"
        "{\"unit\":null,\"agent\":\"gw-b\",\"signals\":1}]}},\"tiles\":[]}";
    char *text = draw(&wide, site);
    cr_assert_not_null(text);
    cr_expect_not_null(strstr(text, "unassigned: 3 signals that no plant file names\n"
                                    "press-9        2 signals of agent gw-a\n"
                                    "(no unit said) 1 signal of agent gw-b\n"),
                       "%s", text);
    free(text);
    text = draw(&wide, view);
    cr_expect_null(strstr(text, "unassigned"), "nothing is said where there is nothing");
    free(text);
}

Test(screen, another_answer_is_refused) {
    cr_expect_null(draw(&wide, "{\"title\": \"not found\"}"));
    cr_expect_null(draw(&wide, "[]"));
}

Test(screen, durations_are_short) {
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {{-5, "0 s"},         {59999, "59 s"},      {60000, "1 min"},
                {3600000, "1 h 00"}, {12000000, "3 h 20"}, {172800000, "2 d"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[24];
        screen_duration(rows[i].ms, text);
        cr_expect_str_eq(text, rows[i].text);
    }
}

Test(screen, gauges_show_their_newest_reading_and_its_age) {
    expect_line(&wide, "pack-1         seal-temp                    182.4 degC          7 s\n");
    expect_line(&wide, "pack-1         air                              – bar             –\n");
}
