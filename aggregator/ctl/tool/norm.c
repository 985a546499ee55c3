/* plantbus norm: which of its questions is asked. */
#include <stdio.h>
#include <string.h>

#include "ctl/ctl.h"
#include "ctl/norm_ask.h"

int norm_run(int argc, char **argv) {
    if (argc > 1 && norm_ask_knows(argv[1]))
        return norm_ask_run(argc - 1, argv + 1);
    const bool help = argc > 1 && strcmp(argv[1], "--help") == 0;
    fputs("Usage: plantbus norm suggest|attain|teams|status|review|records|links ...\n"
          "plantbus norm QUESTION --help tells its options.\n",
          help ? stdout : stderr);
    return help ? CTL_OK : CTL_USAGE;
}
