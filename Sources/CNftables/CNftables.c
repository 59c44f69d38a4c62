#include "CNftables.h"

#include <dlfcn.h>
#include <stdio.h>

// From nftables/libnftables.h, whose interface is stable: the library's version is in its name.
struct nft_ctx;
typedef struct nft_ctx *(*new_function)(unsigned flags);
typedef void (*free_function)(struct nft_ctx *);
typedef int (*buffer_function)(struct nft_ctx *);
typedef const char *(*text_function)(struct nft_ctx *);
typedef int (*run_function)(struct nft_ctx *, const char *commands);

int cnftables_run(const char *commands, char *error, size_t size) {
  // Never closed: the process ends soon, and libraries below it do not like to go.
  void *library = dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);
  new_function new = library ? (new_function)dlsym(library, "nft_ctx_new") : NULL;
  free_function release = library ? (free_function)dlsym(library, "nft_ctx_free") : NULL;
  buffer_function buffer =
      library ? (buffer_function)dlsym(library, "nft_ctx_buffer_error") : NULL;
  text_function text = library ? (text_function)dlsym(library, "nft_ctx_get_error_buffer") : NULL;
  run_function run = library ? (run_function)dlsym(library, "nft_run_cmd_from_buffer") : NULL;
  if (!new || !release || !buffer || !text || !run) {
    const char *reason = dlerror();
    snprintf(error, size, "%s", reason ? reason : "libnftables.so.1 lacks a function");
    return -2;
  }
  struct nft_ctx *context = new(0);
  if (!context) {
    snprintf(error, size, "no memory");
    return -1;
  }
  buffer(context);
  int status = run(context, commands);
  const char *words = text(context);
  snprintf(error, size, "%s", words ? words : "");
  release(context);
  return status == 0 ? 0 : -1;
}
