/* Apart from files.c, since agent and aggregator each call their broker's settings alike. */
#include "agent_app/agent_conf.h"
#include "ctl/files.h"

const struct conf_schema *files_agent_schema(void) {
    return &agent_schema;
}

enum err files_check_agent(const char *path, struct buf *mistakes) {
    struct agent_conf conf;
    enum err err = agent_conf_load(path, &conf, mistakes);
    if (err)
        return err;
    err = agent_conf_notes(&conf, path, mistakes);
    agent_conf_free(&conf);
    return err;
}
