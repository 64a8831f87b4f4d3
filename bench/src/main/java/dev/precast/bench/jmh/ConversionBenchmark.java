package dev.precast.bench.jmh;

import dev.precast.bench.image.SizedImage;
import dev.precast.converter.Conversion;
import dev.precast.converter.ImageConverter;
import dev.precast.schemas.record.ImageRecord;
import dev.precast.schemas.record.RepositorySettings;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The pure conversion of one image record to every older format, without signing. */
@State(Scope.Thread)
public class ConversionBenchmark {
    private static final RepositorySettings ON = new RepositorySettings(true, List.of());

    /** Layers of the image; every layer has one history entry. */
    @Param({"5"})
    public int layers;

    /** Bytes added to the config. */
    @Param({"0"})
    public int padding;

    private ImageRecord image = SizedImage.FIVE.record("bench/image", "tag", 1);

    @Setup
    public void prepare() {
        image = SizedImage.of(layers, padding).record("bench/image", "tag", 1);
    }

    @Benchmark
    public Conversion convert() {
        return ImageConverter.convert(image, ON);
    }
}
