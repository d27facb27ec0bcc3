-- up
create table signing_key (
  -- The thumbprint of the public key (RFC 7638).
  kid text primary key,
  private_jwk jsonb not null,
  public_jwk jsonb not null,
  -- It signs from then on until the next one does.
  sign_time timestamptz(3) not null
);

-- down
drop table signing_key;
