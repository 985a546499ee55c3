#include "sources/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum err library_load(const char *file, const struct library_call *call, size_t n, void *calls_at,
                      char why[LIBRARY_WHY]) {
    void *lib = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!lib) {
        const char *told = dlerror();
        (void)snprintf(why, LIBRARY_WHY, "%s is not there: %s", file, told ? told : "no reason");
        return ERR_NOT_FOUND;
    }
    for (size_t i = 0; i < n; i++) {
        void *f = dlsym(lib, call[i].name);
        if (!f) {
            (void)snprintf(why, LIBRARY_WHY, "%s has no %s", file, call[i].name);
            (void)dlclose(lib);
            return ERR_NOT_FOUND;
        }
        memcpy((char *)calls_at + call[i].at, &f, sizeof f);
    }
    return ERR_OK;
}
