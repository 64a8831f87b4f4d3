package dev.precast.serving.view;

import dev.precast.serving.metrics.ServingMetrics;
import org.rocksdb.TickerType;

/** What is measured of the view: how old it is, how full its disk, and what RocksDB says of itself. */
final class ViewMeters {
    private final ManifestView view;
    private final DiskSpace disk;

    ViewMeters(ManifestView view, DiskSpace disk) {
        this.view = view;
        this.disk = disk;
    }

    void bind(ServingMetrics metrics) {
        metrics.gauge("precast.view.age", "seconds", "time since the view last held everything", view::ageSeconds);
        metrics.gauge(
                "precast.view.ready", "", "1 while manifests are served from the view", () -> view.ready() ? 1 : 0);
        metrics.gauge("precast.view.disk.used", "percent", "of the view's file system in use", disk::used);
        metrics.gauge("precast.view.cache.used", "bytes", "of the block cache in use", view::cacheUsage);
        view.lookups().forEach(metrics::cache);
        counter(metrics, "precast.view.cache.hits", "blocks found in the block cache", TickerType.BLOCK_CACHE_HIT);
        counter(metrics, "precast.view.cache.misses", "blocks read from files", TickerType.BLOCK_CACHE_MISS);
        counter(metrics, "precast.view.filter.useful", "reads that a filter spared", TickerType.BLOOM_FILTER_USEFUL);
        counter(metrics, "precast.view.stall.micros", "microseconds that writes were held up", TickerType.STALL_MICROS);
        property(metrics, "precast.view.keys", "", "keys in the view, estimated", "rocksdb.estimate-num-keys");
        property(metrics, "precast.view.tables", "bytes", "of tables", "rocksdb.total-sst-files-size");
        property(metrics, "precast.view.blobs", "bytes", "of manifests", "rocksdb.total-blob-file-size");
        property(metrics, "precast.view.memtables", "bytes", "not written out", "rocksdb.cur-size-all-mem-tables");
        property(
                metrics,
                "precast.view.readers",
                "bytes",
                "of memory of open tables",
                "rocksdb.estimate-table-readers-mem");
        property(
                metrics,
                "precast.view.pending.compaction",
                "bytes",
                "to merge",
                "rocksdb.estimate-pending-compaction-bytes");
        property(
                metrics, "precast.view.background.errors", "", "failed writes of RocksDB", "rocksdb.background-errors");
    }

    private void counter(ServingMetrics metrics, String name, String description, TickerType ticker) {
        metrics.counter(name, description, () -> view.ticker(ticker));
    }

    private void property(ServingMetrics metrics, String name, String unit, String description, String property) {
        metrics.gauge(name, unit, description, () -> view.property(property));
    }
}
