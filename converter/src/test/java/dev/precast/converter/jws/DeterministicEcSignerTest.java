package dev.precast.converter.jws;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.Locale;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeterministicEcSignerTest {
    /** RFC 6979, A.2.5 to A.2.7, message "sample". */
    @ParameterizedTest
    @CsvSource({
        "P-256, ES256, C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721,"
                + " EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716,"
                + " F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
        "P-384, ES384, 6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5,"
                + " 94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46,"
                + " 99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8",
        "P-521, ES512, 00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C70855836A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538,"
                + " 00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA,"
                + " 00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A"
    })
    void sign_knownAnswer(String curve, String algorithm, String d, String r, String s) throws JOSEException {
        DeterministicEcSigner signer = new DeterministicEcSigner(key(Curve.parse(curve), new BigInteger(d, 16)));

        byte[] signature = signer.sign(new JWSHeader(new JWSAlgorithm(algorithm)), "sample".getBytes(US_ASCII))
                .decode();

        assertThat(HexFormat.of().formatHex(signature).toUpperCase(Locale.ROOT)).isEqualTo(r + s);
    }

    @Test
    void sign_refusesTheAlgorithmOfAnotherCurve() throws JOSEException {
        DeterministicEcSigner signer = new DeterministicEcSigner(key(Curve.P_256, BigInteger.TEN));

        assertThatThrownBy(() -> signer.sign(new JWSHeader(JWSAlgorithm.ES384), new byte[0]))
                .isInstanceOf(JOSEException.class)
                .hasMessageContaining("ES256");
    }

    private static ECKey key(Curve curve, BigInteger d) {
        int size = curve.toECParameterSpec().getCurve().getField().getFieldSize();
        ECPoint q =
                CustomNamedCurves.getByName(curve.getName()).getG().multiply(d).normalize();
        return new ECKey.Builder(
                        curve,
                        ECKey.encodeCoordinate(size, q.getAffineXCoord().toBigInteger()),
                        ECKey.encodeCoordinate(size, q.getAffineYCoord().toBigInteger()))
                .d(ECKey.encodeCoordinate(size, d))
                .build();
    }
}
