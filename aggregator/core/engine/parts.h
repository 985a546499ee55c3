/* What each file of this room does for the others, by file. Nothing of it is seen outside. */
#ifndef PB_ENGINE_PARTS_H
#define PB_ENGINE_PARTS_H

#include "engine/state.h"
#include "signal/gauge.h"

/* start.c */
/* The ranges of what is truth but for the logs; so many are filled. */
enum { START_TRUTH_RANGES = 8 };
size_t start_truth(struct store_range out[START_TRUTH_RANGES]);
/* Rows as core_start takes them; *at (may be NULL): the row that failed. */
enum err start_take(struct core *c, const struct store_item *row, size_t n, size_t *at);
/* words.c */
enum err words_get(struct words *w, struct span text, uint32_t *id);
struct span words_text(const struct words *w, uint32_t id);
uint32_t words_find(const struct words *w, struct span text);       /* 0: there is no such word */
enum err words_put(struct words *w, uint32_t id, struct span text); /* from the store, in order */
struct cell_words words_of_cells(struct words *w); /* as computations ask for them */
void words_fini(struct words *w);
/* ranges.c */
enum err ranges_add(struct ranges *r, int64_t from_ms, int64_t to_ms);
void ranges_cut(struct ranges *r, int64_t from_ms, int64_t to_ms);
bool ranges_cover(const struct ranges *r, int64_t from_ms, int64_t to_ms);
/* The range that holds t; empty at t if none does. */
struct range ranges_around(const struct ranges *r, int64_t t_ms);
enum err ranges_pack(const struct ranges *r, struct buf *out);
enum err ranges_unpack(struct cursor *c, struct ranges *r);
/* signals.c */
void signals_point(const struct csignal *s, struct point *out); /* with id 0 */
enum err signals_get(struct core *c, struct cagent *a, const struct point *p, uint32_t *id);
/* Whether the unit's log has the signal: it is its own or that of a mate. */
bool signals_of_unit(const struct core *c, uint32_t id, uint32_t unit);
bool signals_own(const struct core *c, uint32_t id, uint32_t unit);
/* Whether a signal of the unit is a gauge that judges one of its conditions. */
bool signals_prove(const struct core *c, uint32_t unit, const struct cell_signal *s);
void signals_limits(const struct core *c, uint32_t id, struct signal_limits *out);
/* agents.c */
struct cagent *agents_find(const struct core *c, const struct ident *id); /* or NULL */
enum err agents_get(struct core *c, const struct ident *id, struct cagent **out);
struct lane_out agents_lane_out(struct core *c, struct cagent *a);
/* How far a sticky value of a lane holds: to the begin of a younger lane, at most to most_ms. */
int64_t agents_sticky_end_ms(const struct cagent *a, unsigned slot, int64_t most_ms);
void agents_close(struct cagent *a);
/* lanes.c */
bool lanes_hold(void *agent, uint8_t lane, uint32_t point, const struct reading *r); /* session.h */
void lanes_begin(struct core *c, struct cagent *a, unsigned slot, uint64_t epoch);
/* The slab of the finished predecessor steps aside, so that the slot can be filled anew. */
enum err lanes_inherit(struct core *c, struct cagent *a, const struct session_plan *plan);
/* Into the lane that the plan says, or none. */
enum err lanes_end(struct core *c, struct cagent *a, const struct session_plan *plan);
/* No older lane is left and none can begin: what the oldest one began beside older epochs waits for
 * nobody any more. Call when the session's plans are carried out. ERR_NOMEM. */
enum err lanes_alone(struct core *c, struct cagent *a);
/* A sticky value of this lane was shown up to where the younger one begins; from now on it ends
 * with its source, and the younger lane's own says what follows. Touches what was shown beyond. */
void lanes_sticky_ends(struct core *c, const struct cagent *a, unsigned slot, uint32_t point);
/* Points of a key frame that the lane does not have yet. */
enum err lanes_add_points(struct core *c, struct cagent *a, unsigned slot, struct batch *b);
/* The lane's first key frame is whole. */
enum err lanes_key_complete(struct core *c, struct cagent *a, unsigned slot);
/* heads.c */
/* Keeps a part of a key frame that is not whole yet. ERR_NOMEM. */
enum err heads_keep(struct core *c, struct cagent *a, const struct batch *b, struct span part);
/* The next part that is kept, of whatever epoch; *at: 0 at first. */
bool heads_next(const struct cagent *a, size_t *at, uint64_t *epoch, struct span *part);
/* Drops what no key frame under way needs any more. */
void heads_sweep(struct cagent *a);
/* As it was stored, ERR_FORMAT: it was not. */
enum err heads_load(struct cagent *a, struct span bytes);
/* rests.c */
/* Signals of the lane `from`, which has come to its end, that the one in slot does not name: beside
 * that one their values wait for being named. start: what that one was told when it began beside
 * `from`; empty if it inherits. */
enum err rests_leave(struct core *c, struct cagent *a, unsigned from, unsigned slot,
                     const struct lane *start);
/* A fresh point of the lane goes on from what was left of its signal there, or waits for older
 * lanes. */
enum err rests_take(struct cagent *a, unsigned slot, uint32_t point);
/* The key frame's values came for the points from `first` on: what of them older lanes lead up to
 * is kept with the lane's start. */
enum err rests_told(struct cagent *a, unsigned slot, size_t first);
/* The lane ends: what is left beside it is in it, behind the points of its table. */
enum err rests_join(struct core *c, struct cagent *a, unsigned slot);
bool rests_any(void *agent, uint8_t lane); /* session.h */
/* unmapped.c */
/* A state signal's value may have changed: is it in its map? Each value that is not is counted when
 * it comes, and told once. */
void unmapped_look(struct core *c, uint32_t signal, bool text, int64_t raw);
/* What of another core's list is still not mapped. */
void unmapped_inherit(struct core *c, const struct core *from);
/* reports.c */
/* Takes what an agent tells of its sources. Malformed ones are refused and counted. ERR_NOMEM. */
enum err reports_on_message(struct core *c, struct cagent *a, struct span payload);
void reports_inherit(struct core *c, struct cagent *a, struct cagent *old);
/* clocks.c */
/* How far what the agent vouches for lies ahead of our clock; 0 within the tolerance. */
int64_t clocks_ahead_ms(const struct core *c, const struct cagent *a);
void clocks_watch(struct core *c); /* tells of agents whose clock runs ahead, once each time */
/* nodes.c */
enum err nodes_take(struct core *c, struct span id, struct span value);
enum err nodes_number(struct core *c); /* after all were taken: numbers for the new ones */
enum err nodes_put(struct core *c, struct store_tx *tx);
const char *nodes_id(const struct core *c, uint32_t number); /* or NULL. O(nodes) */
void nodes_pack_key(const struct core *c, const struct window_key *k,
                    uint8_t out[WINDOW_KEY_BYTES]);
/* ERR_NOT_FOUND: the node is not in the plant file now. */
enum err nodes_unpack_key(const struct core *c, struct span bytes, struct window_key *out);
void nodes_close(struct core *c);
/* hours.c */
struct unit_hour *hours_find(const struct core *c, uint32_t unit, int64_t hour);
enum err hours_get(struct core *c, uint32_t unit, int64_t hour, struct unit_hour **out);
/* Adds an entry of one of the unit's signals. ERR_NOMEM. */
enum err hours_add(const struct core *c, struct unit_hour *h, const struct siglog_entry *e);
void hours_changed(struct core *c, struct unit_hour *h); /* a commit has to write it */
/* Hours [from, to] of the unit, if they are there, leave memory before others. */
void hours_spent(const struct core *c, uint32_t unit, int64_t from, int64_t to);
void hours_evict(struct core *c);
/* Takes over from another core what it holds of units, as far as it is as in the store: unit[i] is
 * the unit here that its unit i is, UINT32_MAX: none. */
enum err hours_inherit(struct core *c, struct core *from, const uint32_t *unit);
void hours_close(struct core *c);
/* entries.c */
enum err entries_take(struct core *c, struct cagent *a, const struct siglog_entry *e);
enum err entries_gather(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                        struct siglog *out);
/* The same without what dated factors make of it. */
enum err entries_gather_told(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                             struct siglog *out);
/* What holds at the end of what the unit's sources vouch for (lane_newest_state), behind what was
 * gathered. */
enum err entries_add_newest(struct core *c, uint32_t unit, int64_t asof_ms, struct siglog *out);
/* What is known of one gauge of the unit, hours and open slots: overwrites *out. */
enum err entries_gather_gauge(struct core *c, uint32_t unit, uint32_t signal, int64_t from_ms,
                              int64_t to_ms, struct siglog *out);
/* terms.c */
/* Takes out of a canonical log what signals of the unit told while they were in commissioning; it
 * is canonical after that. ERR_NOMEM. */
enum err terms_cut(const struct core *c, uint32_t unit, struct siglog *log);
/* gauges.c: core_gauge_minutes() with all hours in memory. Overwrites c->scratch. */
enum err gauges_add_minutes(struct core *c, uint32_t gauge, int64_t first_minute, size_t n,
                            struct gauge_span *out);
/* acts.c */
/* What people entered for the unit, as entries of the log. */
enum err acts_gather(const struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                     struct siglog *out);
/* What acts say of signals, put to the amounts of a canonical log: replaced meters, dated factors.
 */
enum err acts_correct(const struct core *c, struct siglog *log);
enum err acts_replace(const struct core *c, struct siglog *log); /* replaced meters alone */
/* The unit's own signals and those that carry what people enter; valid as long as the list. */
enum err acts_signals(struct core *c, uint32_t unit, struct signal_list *list,
                      struct cell_input *in);
/* mates.c */
/* Gives `in` the mates of in->unit, of whose logs in->entry has what signals told; valid until the
 * next call. */
enum err mates_gather(struct core *c, int64_t from_ms, int64_t to_ms, struct cell_input *in);
void mates_close(struct core *c);
enum err acts_put(struct core *c, struct store_tx *tx);
void acts_on_committed(struct core *c);
bool acts_idle(const struct core *c);
enum err acts_take(struct core *c, const struct store_item *row);
void acts_close(struct core *c);
/* norms.c */
enum err norms_open(struct core *c);
enum err norms_put(struct core *c, struct store_tx *tx);
void norms_on_committed(struct core *c);
bool norms_idle(const struct core *c);
enum err norms_take(struct core *c, const struct store_item *row);
/* announce.c */
void announce_init(struct core *c);
void announce_close(struct core *c);
void announce_run(struct core *c); /* on each tick: are people to be told of steps? */
enum err announce_put(struct core *c, struct store_tx *tx);
enum err announce_take(struct core *c, struct span value);
/* touches.c */
/* Something of the signal changed in [from_ms, to_ms]: its units' cells there are dirty. Of the
 * lane c->batch_slot of c->batch_agent; user is the core. */
void touches_on(void *user, uint32_t signal, int64_t from_ms, int64_t to_ms);
/* The lane's first key frame is of that time: what older ones hold of sticky values was shown
 * beyond it, perhaps. */
void touches_begun(struct core *c, struct cagent *a, unsigned slot, int64_t begun_ms);
enum err touches_grow(struct core *c, size_t signals);
/* To be called when the signal's units, map or stickiness are new. */
void touches_put(struct core *c, uint32_t signal);
/* dirty.c */
void dirty_touch(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
/* The same of a mate: what was looked at already comes out differently, there is no new time. */
void dirty_touch_mate(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
/* The same of a gauge that judges a condition of the unit. */
void dirty_touch_proof(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
/* The same at all units that the unit is a mate of. */
void dirty_touch_watchers(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
void dirty_stir(struct cunit *u); /* to be called when `dirty` was cut or known_ms moved */
/* The same for a value that only says whose the time was. Over more than 40 days it reaches what is
 * filled already and makes no new time: it says nothing of whether a machine ran. */
void dirty_touch_sticky(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
/* Of all but its gauges, if it has others. live_only: of its own signals and their newest lanes, as
 * far as it is looked at now. */
int64_t unit_asof_ms(const struct core *c, uint32_t unit, bool live_only);
/* The same of all lanes, of gauges that judge its conditions, too: what windows wait for. */
int64_t unit_judged_ms(const struct core *c, uint32_t unit);
/* Cells of what the agents' sources have covered since the last tick. */
void dirty_covered(struct core *c);
void dirty_advance(struct core *c);
/* The present of a unit: where its sources stand while they are heard, else the wall clock. At the
 * end of a replay nothing more is heard. */
int64_t unit_present_ms(const struct core *c, uint32_t unit);
/* Where what lies ahead begins: behind the present, and behind what is computed already, which may
 * be more once a clock of ours was set back. */
int64_t unit_reached_ms(const struct core *c, uint32_t unit);
/* newest.c */
/* Of a range just computed, whose log is in c->scratch; what it does not touch stays. */
enum err newest_take(struct core *c, const struct cell_input *in);
/* At a start, from what the lanes hold: the views need not wait for hours to be loaded. The first
 * computed range corrects since when. */
enum err newest_start(struct core *c, uint32_t unit);
/* jobs.c */
/* On each call of the tick; `tick`: cells are due again. */
enum err jobs_run(struct core *c, bool tick);
/* The job that waited for a load; the unit's others wait for their turn. */
enum err jobs_resume(struct core *c, uint32_t unit);
/* Afterwards j is done unless j->issued is false: it was cut and is to be issued once more. */
enum err jobs_on_loaded(struct core *c, struct load_job *j, const struct store_rows *rows);
/* Whether the unit's hour is in memory; if not, it is asked for. */
enum err jobs_want_hour(struct core *c, uint32_t unit, int64_t hour, bool *ready);
/* Asks for the stored cells of hours [from, to] of the unit, for alarms_on_loaded(). */
enum err jobs_want_cells(struct core *c, uint32_t unit, int64_t from, int64_t to, uint64_t round);
/* A load of the unit that asks for nothing yet; once it does it is appended. jobs_free() if not. */
enum err jobs_begin(struct core *c, uint32_t unit, struct load_job **out);
void jobs_append(struct core *c, struct load_job *j);
/* A load that was cut at its bound goes on behind the last row it gave. */
enum err jobs_load_on(struct core *c, struct load_job *j, const struct store_rows *rows);
enum err jobs_want_window(struct load_job *j, const struct window_key *key, int64_t end_ms);
void jobs_free(struct load_job *j);
/* Behind a commit: those that waited for it. */
void jobs_go_on(struct core *c);
bool jobs_pending(const struct core *c);
/* frozen.c */
/* Appends to c->cells those of a frozen hour within [from_ms, to_ms), in order: what is stored, or
 * what factors that were entered since make of it; where there is none, as without any data, for
 * what came in time made some. The hour must be in memory. */
enum err frozen_hour(struct core *c, uint32_t unit, int64_t hour, int64_t from_ms, int64_t to_ms);
void frozen_done(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms); /* and moved */
/* kept.c */
/* The cells of [in->from_ms, in->to_ms) were computed from a log, of which [from_ms, to_ms) was
 * looked at. Overwrites c->scratch. */
enum err kept_computed(struct core *c, const struct cell_input *in, int64_t from_ms, int64_t to_ms);
/* Appends the cells of an hour whose log may be gone, as the factors that hold now make them. */
enum err kept_cells(struct core *c, struct unit_hour *h, struct cells *out);
enum err kept_take(struct unit_hour *h, struct span value);
enum err kept_put(struct unit_hour *h, struct span key, struct store_tx *tx);
/* reach.c */
/* Whether a factor can act as far back as it is dated, and be taken back; else why it cannot. */
bool reach_check(const struct core *c, const struct act *a, struct act_refusal *why);
bool reach_check_void(const struct core *c, const struct cact *of, struct act_refusal *why);
/* The minutes that a factor concerns are to be computed. */
void reach_touch(struct core *c, const struct cact *x, bool voided);
/* Entries before this number are in the cells of frozen minutes, if at all; nothing says where. */
enum err reach_take(struct core *c, struct span value);
void reach_start(struct core *c); /* once the store's rows are taken */
enum err reach_put(struct core *c, struct store_tx *tx);
/* moves.c */
/* Asks for the windows that c->cells and the unit's stored cells of [from, to) count in. */
enum err moves_need(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms,
                    struct load_job *j);
/* Puts c->cells in the place of those; all windows and hours must be in memory. */
enum err moves_make(struct core *c, uint32_t unit, int64_t from_ms, int64_t to_ms);
/* Units whose commissioning began or ended while the daemon was down: their time is computed anew.
 */
enum err moves_start(struct core *c);
/* facts.c */
/* Minutes of which the plant file says something else than when they were computed are dirty. */
enum err facts_start(struct core *c);
void facts_pack(const struct cunit *u, struct buf *out);
enum err facts_unpack(struct cursor *v, struct cunit *u);
void facts_close(struct cunit *u);
/* settle.c */
/* The next slice of a pass, or all of it (conf.slice_jobs); more: it is not through. */
enum err settle_run(struct core *c, bool *more);
void settle_close(struct core *c);
bool settle_draining(const struct core *c, uint32_t unit); /* a backlog of it is being sent */
enum err settle_remember(struct core *c, const struct window_key *key);
/* minutes.c */
struct node_hour *minutes_find(const struct core *c, uint32_t node, int64_t hour);
enum err minutes_get(struct core *c, uint32_t node, int64_t hour, struct node_hour **out);
/* Cells of the minute moved; the hour must be in memory. ERR_STATE: it is not. */
enum err minutes_touch(struct core *c, uint32_t node, int64_t minute, uint8_t cause);
enum err minutes_settle(struct core *c, const struct node_progress *at, bool restate_all);
/* The minute with its sums, from cells in memory. */
void minutes_window(const struct core *c, const struct node_hour *h, unsigned minute,
                    struct window *out);
enum err minutes_take(struct core *c, struct span key, struct span value);
enum err minutes_put_rows(struct core *c, struct store_tx *tx);
enum err minutes_put_hours(struct core *c, struct store_tx *tx);
bool minutes_idle(const struct core *c);
void minutes_drop_old(struct core *c);
void minutes_close(struct core *c);
/* alarms.c */
enum err alarms_open(struct core *c);
void alarms_close(struct core *c);
void alarms_norms_changed(struct core *c); /* other norms may be in force */
void alarms_look(struct core *c);          /* on each tick: is something due? */
enum err alarms_run(struct core *c);
/* A cell of the unit came or went at a node; t says whether its pieces count there. */
void alarms_moved(struct core *c, uint32_t unit, const struct window_target *t,
                  const struct cell *cell, int sign);
/* Whether the unit counts at the node in that minute. */
bool alarms_counts(const struct core *c, uint32_t node, uint32_t unit, int64_t minute);
/* alarms_fill.c */
/* Sums of nodes that have none are asked for. */
enum err alarms_fill(struct core *c);
void alarms_fill_forget(struct core *c); /* what was asked for is of no use any more */
/* Whether what was given already has the unit's hour in it. */
bool alarms_filled(const struct core *c, uint32_t node, uint32_t unit, int64_t hour);
enum err alarms_on_loaded(struct core *c, struct load_job *j, const struct store_rows *rows);
/* alarms_days.c */
/* Days that rules look at are asked for, if they are wanted. */
enum err alarms_days(struct core *c);
void alarms_days_forget(struct core *c); /* they are wanted; what was asked for is of no use */
/* The sums of a window moved: it may be a day of these. */
enum err alarms_day_moved(struct core *c, const struct window *w);
enum err alarms_on_days(struct core *c, struct load_job *j, const struct store_rows *rows);
/* alarms_rows.c */
enum err alarms_put(struct core *c, struct store_tx *tx);
enum err alarms_take(struct core *c, const struct store_item *row);
enum err alarms_take_months(struct core *c, struct span value);
enum err alarms_start(struct core *c); /* once the store's rows are taken */
/* checkpoint.c */
enum err checkpoint_begin(struct core *c);
enum err checkpoint_build(struct core *c); /* the next slice of the one that was begun */
void checkpoint_drop(struct core *c);
/* Whether this call has put its share; to be asked before each row. */
bool checkpoint_full(struct core *c);
/* core.c */
bool core_truth_pending(const struct core *c); /* something that agents said is in no commit yet */
/* succession.c */
enum err flush_run(struct core *c); /* on each call of the tick, in place of all else */
bool flush_due(const struct core *c);
/* derived.c */
enum err derived_put_units(struct core *c, struct store_tx *tx);
enum err derived_put_cells(struct core *c, struct store_tx *tx);
enum err derived_put_windows(struct core *c, struct store_tx *tx);
/* order_windows.c */
enum err order_windows_take(struct core *c, struct span value);
enum err order_windows_put(const struct core *c, struct store_tx *tx);
void order_windows_start(struct core *c, bool fresh); /* once the store's rows are taken */
/* Cycles or scheduled time of the unit are others now: c->batch_err. */
void order_windows_anew(struct core *c, uint32_t unit);
/* A plan of an order comes or goes: c->batch_err. */
void order_windows_touch(struct core *c, const struct cact *x);
/* folds.c */
/* The agent's next segment is of this hour; it was put into the transaction. */
enum err folds_note(struct core *c, struct cagent *a, uint32_t hour, size_t bytes,
                    struct store_tx *tx);
/* Some of what is due, behind all segments of the transaction. */
enum err folds_put(struct core *c, struct store_tx *tx);
/* horizon.c */
enum err horizon_take(struct core *c, struct span value);
void horizon_start(struct core *c); /* once the store's rows are taken */
enum err horizon_put(const struct core *c, struct store_tx *tx);
void horizon_advance(struct core *c);
/* What happened before it is not taken any more. INT64_MIN in a replay. */
int64_t horizon_ms(const struct core *c);
/* Something that is not committed happened so near to the horizon that it might be too late when it
 * is sent again. O(agents). */
bool horizon_near(const struct core *c);
/* Minutes of the unit before this full hour are never computed again. INT64_MIN in a replay.
 * O(long spans). */
int64_t horizon_frozen_ms(const struct core *c, uint32_t unit);
/* The full hour in which the oldest span begins that ends behind from_ms, at most least_ms. */
int64_t horizon_reach_ms(const struct siglog *longs, int64_t from_ms, int64_t least_ms);
/* retain.c */
enum err retain_put(struct core *c, struct store_tx *tx);
/* Cells before this may have left the store. */
int64_t retain_cells_ms(const struct core *c);
/* unplaced.c */
/* Of c->batch_agent: something of the unit at t lies before the horizon; NULL: no amount. */
void unplaced_add(struct core *c, uint32_t unit, int64_t t_ms, const struct unplaced_amount *what);
enum err unplaced_put(struct core *c, const struct cagent *a, struct store_tx *tx);
enum err unplaced_take(struct core *c, struct span key, struct span value);
/* Lines to which nothing was added since. */
enum err unplaced_drop(struct core *c, int64_t before_ms, struct store_tx *tx);
/* note.c */
__attribute__((format(printf, 4, 5))) void note(struct core *c, bool warn, const char *event,
                                                const char *fmt, ...);

#endif
