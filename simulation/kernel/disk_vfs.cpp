// SQLite's file system over a Disk (sqlite.org/c3ref/io_methods.html).
#include <algorithm>
#include <cstring>
#include <new>

#include <sqlite3.h>

#include "core/random.hpp"
#include "simulation/kernel/disk.hpp"

namespace simulation {

namespace {

Disk* the_disk = nullptr;
constexpr const char* vfs_name = "simulated-disk";

struct OpenFile {
  sqlite3_file base{};
  std::string path;
  std::shared_ptr<Disk::File> file;
  bool is_deleted_on_close = false;
};

OpenFile& opened(sqlite3_file* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

int close_file(sqlite3_file* file) {
  OpenFile& open = opened(file);
  if (open.is_deleted_on_close && the_disk != nullptr) the_disk->remove(open.path);
  open.~OpenFile();
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
  const Disk::File& from = *opened(file).file;
  if (from.is_frozen) return SQLITE_IOERR_READ;
  const auto begin = std::min(static_cast<std::size_t>(offset), from.content.size());
  const std::size_t there = std::min(static_cast<std::size_t>(amount), from.content.size() - begin);
  std::memcpy(to, from.content.data() + begin, there);
  if (there == static_cast<std::size_t>(amount)) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, static_cast<std::size_t>(amount) - there);
  return SQLITE_IOERR_SHORT_READ;
}

int write_file(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  Disk::File& to = *opened(file).file;
  if (to.is_frozen) return SQLITE_IOERR_WRITE;
  if (to.is_full) return SQLITE_FULL;
  to.write({.offset = static_cast<std::size_t>(offset),
            .bytes = std::string(static_cast<const char*>(from), static_cast<std::size_t>(amount))});
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  Disk::File& cut = *opened(file).file;
  if (cut.is_frozen) return SQLITE_IOERR_TRUNCATE;
  cut.write({.offset = static_cast<std::size_t>(size), .bytes = {}, .truncates = true});
  return SQLITE_OK;
}

int sync_file(sqlite3_file* file, int) {
  OpenFile& open = opened(file);
  if (open.file->is_frozen) return SQLITE_IOERR_FSYNC;
  if (the_disk->on_sync) the_disk->on_sync(open.path, true);
  if (open.file->is_frozen) return SQLITE_IOERR_FSYNC;
  open.file->sync();
  if (the_disk->on_sync) the_disk->on_sync(open.path, false);
  return open.file->is_frozen ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  if (opened(file).file->is_frozen) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(opened(file).file->content.size());
  return SQLITE_OK;
}

// A file has one process, and that one connection: there is nothing to lock.
int lock_file(sqlite3_file*, int) {
  return SQLITE_OK;
}
int check_reserved_lock(sqlite3_file*, int* is_reserved) {
  *is_reserved = 0;
  return SQLITE_OK;
}
int lock_shared_memory(sqlite3_file*, int, int, int) {
  return SQLITE_OK;
}
void shared_memory_barrier(sqlite3_file*) {}

int control_file(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return 4096;
}
int characteristics(sqlite3_file*) {
  return 0;
}

int map_shared_memory(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
  Disk::File& mapped = *opened(file).file;
  if (mapped.is_frozen) return SQLITE_IOERR_SHMMAP;
  auto& regions = mapped.shared_memory;
  const auto index = static_cast<std::size_t>(region);
  *at = nullptr;
  if (index >= regions.size() && extend == 0) return SQLITE_OK;
  while (regions.size() <= index)
    regions.push_back(std::make_unique<std::vector<char>>(static_cast<std::size_t>(size)));
  *at = regions[index]->data();
  return SQLITE_OK;
}

int unmap_shared_memory(sqlite3_file* file, int) {
  opened(file).file->shared_memory.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods methods{
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = lock_file,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared_memory,
    .xShmLock = lock_shared_memory,
    .xShmBarrier = shared_memory_barrier,
    .xShmUnmap = unmap_shared_memory,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* into, int flags, int* out_flags) {
  static int temporaries = 0;
  const std::string path = name != nullptr ? name : "/temporary/" + std::to_string(++temporaries);
  into->pMethods = nullptr;
  auto file = the_disk->open(path, (flags & SQLITE_OPEN_CREATE) != 0);
  if (!file || file->is_frozen) return SQLITE_CANTOPEN;
  auto* open = new (into) OpenFile();
  open->path = path;
  open->file = std::move(file);
  open->is_deleted_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  open->base.pMethods = &methods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* path, int) {
  const auto file = the_disk->find(path);
  if (!file) return SQLITE_IOERR_DELETE_NOENT;
  if (file->is_frozen) return SQLITE_IOERR_DELETE;
  the_disk->remove(path);
  return SQLITE_OK;
}

int access_file(sqlite3_vfs*, const char* path, int, int* is_there) {
  *is_there = the_disk->find(path) ? 1 : 0;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* into) {
  sqlite3_snprintf(size, into, "%s", path);
  return SQLITE_OK;
}

int random_bytes_for(sqlite3_vfs*, int amount, char* into) {
  const std::string bytes = core::random_bytes(static_cast<std::size_t>(amount));
  std::memcpy(into, bytes.data(), bytes.size());
  return amount;
}

int sleep_for(sqlite3_vfs*, int microseconds) {
  return microseconds;
}
// Only temporary names depend on it.
int current_time(sqlite3_vfs*, sqlite3_int64* milliseconds_since_julian_epoch) {
  *milliseconds_since_julian_epoch = 0;
  return SQLITE_OK;
}
int current_time_in_days(sqlite3_vfs*, double* days) {
  *days = 0;
  return SQLITE_OK;
}
int last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

sqlite3_vfs vfs{
    .iVersion = 2,
    .szOsFile = sizeof(OpenFile),
    .mxPathname = 512,
    .pNext = nullptr,
    .zName = vfs_name,
    .pAppData = nullptr,
    .xOpen = open_file,
    .xDelete = delete_file,
    .xAccess = access_file,
    .xFullPathname = full_path,
    .xDlOpen = nullptr,
    .xDlError = nullptr,
    .xDlSym = nullptr,
    .xDlClose = nullptr,
    .xRandomness = random_bytes_for,
    .xSleep = sleep_for,
    .xCurrentTime = current_time_in_days,
    .xGetLastError = last_error,
    .xCurrentTimeInt64 = current_time,
    .xSetSystemCall = nullptr,
    .xGetSystemCall = nullptr,
    .xNextSystemCall = nullptr,
};

}  // namespace

Disk::Disk() {
  the_disk = this;
  sqlite3_vfs_register(&vfs, 1);
}

Disk::~Disk() {
  sqlite3_vfs_unregister(&vfs);
  the_disk = nullptr;
}

}  // namespace simulation
