/* The command line tool `plantbus`: one program, a table of commands. It never opens the daemon's
 * database: what runs is asked over HTTP, what is recorded is replayed with a core of its own. */
#ifndef PB_CTL_CTL_H
#define PB_CTL_CTL_H

/* Exit codes of every command. */
enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2, CTL_CONFIG = 3 };

struct ctl_command {
    const char *name;
    const char *help;                  /* one line */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; gives an exit code */
};

/* In the order of the help. */
extern const struct ctl_command ctl_commands[];
extern const unsigned ctl_command_n;

int ctl_main(int argc, char **argv);

int check_run(int argc, char **argv);
int adopt_run(int argc, char **argv);
int reload_run(int argc, char **argv);
int alert_run(int argc, char **argv);
int watch_run(int argc, char **argv);
int status_run(int argc, char **argv);
int history_run(int argc, char **argv);
int stops_run(int argc, char **argv);
int scrap_run(int argc, char **argv);
int orders_run(int argc, char **argv);
int timeline_run(int argc, char **argv);
int explain_run(int argc, char **argv);
int export_run(int argc, char **argv);
int replay_command_run(int argc, char **argv);
int enter_run(int argc, char **argv);
int entries_run(int argc, char **argv);
int energy_run(int argc, char **argv);
int norm_run(int argc, char **argv);
int user_run(int argc, char **argv);
int reference_run(int argc, char **argv);

#endif
