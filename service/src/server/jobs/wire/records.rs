//! The fields of every statement and witness, in the order in which they travel.

use super::{At, Json, ShapeError, Wire, record};
use privity_circuits::jubjub::Point;
use privity_circuits::release::{Evidence, Holding, Signed};
use privity_circuits::terms::{Goods, Money, Parties, Policy, Remedy, Terms, Tier};
use privity_circuits::tree::Path;
use privity_circuits::{capacity, disclose, mint, price, release, transfer};
use privity_ledger::{CodecError, Reader};

record!(@[const D: usize] Path<D> { position, siblings });
record!(Point { x, y });

record!(mint::Statement { asset, value, out, context });
record!(mint::Witness { unlock, owner, blinding });

record!(@[const I: usize, const O: usize] transfer::Statement<I, O> {
    anchor, nullifiers, outputs, now, exposed_asset, exposed_value, party, context,
});
record!(@[const I: usize, const O: usize] transfer::Witness<I, O> { asset, pk, nk, rho, inputs, outputs, signature });
record!(transfer::Input { value, unlock, blinding, path });
record!(transfer::Output { value, unlock, owner, blinding });

record!(capacity::Statement { ledger, certifier, issued, outputs, context });
record!(capacity::Witness { pk, nk, resource, weeks, serial, certifier, attested, accepted });
record!(capacity::Week { bucket, quantity });

record!(price::Statement {
    ledger,
    terms,
    out_payment,
    out_fee,
    out_capacity,
    pair,
    volume,
    policy,
    members,
    party_buyer,
    party_supplier,
    award,
    context,
});
record!(price::Witness { terms, policy, buyer_path, supplier_path });
record!(Policy { flat, rate, treasury, delivery_key });
record!(Terms { parties, goods, money, remedy });
record!(Parties { ledger, buyer, supplier, buyer_signer, supplier_signer, inspector, arbiter, auditor, salt });
record!(Goods { certifier, origin, resource, document, quantity, load_factor, increment, due, bucket, salt });
record!(Money {
    currency,
    rfq,
    exponent,
    decimals,
    mode,
    surcharge,
    allowance,
    set_up,
    rounding,
    stage,
    payment_unlock,
    frame,
    tiers,
    salt,
});
record!(Tier { minimum, price });
record!(Remedy { escrow, claim_until, rate, cap, salt });

record!(release::Statement { anchor, nullifier, out_supplier, out_buyer, out_capacity, out_pair, now, context });
record!(release::Witness { terms, held, payment_blinding, capacity_blinding, path, evidence });
record!(Holding { done, payment, capacity });
record!(Signed { pk, signature });

record!(disclose::Statement { anchor, asset, threshold, hold, scope, tag, party, context });
record!(disclose::Witness { pk, nk, rho, value, unlock, blinding, path, signature });

/// A choice of records: in JSON the member `kind` says which, in bytes a number in front.
macro_rules! choice {
    ($type:ident { $($byte:literal $variant:ident $name:literal { $($field:ident),+ })* }) => {
        impl Wire for $type {
            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant { $($field),+ } => {
                        out.push($byte);
                        $($field.write(out);)+
                    })*
                }
            }

            fn read(input: &mut Reader<'_>) -> Result<Self, CodecError> {
                match input.u8()? {
                    $($byte => {
                        $(let $field = Wire::read(input)?;)+
                        Ok(Self::$variant { $($field),+ })
                    })*
                    found => Err(CodecError::Variant { what: stringify!($type), found }),
                }
            }

            fn show(&self, out: &mut String) {
                match self {
                    $(Self::$variant { $($field),+ } => {
                        out.push_str(concat!("{\"kind\":\"", $name, "\""));
                        $(
                            out.push_str(concat!(",\"", stringify!($field), "\":"));
                            $field.show(out);
                        )+
                        out.push('}');
                    })*
                }
            }

            fn parse(json: &Json<'_>, at: &At<'_>) -> Result<Self, ShapeError> {
                let what = concat!("an object whose `kind` is one of", $(" ", $name),*);
                let Json::Object(members) = json else { return Err(at.expected(what)) };
                let kind = members.iter().find(|(name, _)| *name == "kind").map(|(_, kind)| kind);
                match kind {
                    $(Some(Json::Text($name)) => {
                        let record = json.record(&["kind", $(stringify!($field)),+], at)?;
                        $(let $field = record.member(stringify!($field), at)?;)+
                        Ok(Self::$variant { $($field),+ })
                    })*
                    _ => Err(at.expected(what)),
                }
            }

            fn wipe(&mut self) {
                match self {
                    $(Self::$variant { $($field),+ } => { $($field.wipe();)+ })*
                }
            }
        }
    };
}

choice!(Evidence {
    0 Delivered "delivered" { delivered, time, last, inspector }
    1 Lapsed "lapsed" { buyer }
    2 Awarded "awarded" { pay, used, arbiter }
    3 Agreed "agreed" { pay, used, buyer, supplier }
});
